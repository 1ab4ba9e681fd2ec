// Dates as files have them, and the bins in which texts are counted. All times are taken as they are written.

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MOST_BINS = 62;
const ENOUGH = 0.8; // of the cells of a column of dates
const YEAR_FIRST = /^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?=$|[T ])/;
const YEAR_LAST = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?=$|[T ,])/;
const TIME = /[T ,](\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?\s*(am|pm)?/i;

// The time that a cell states, in milliseconds, or null. `order` is that of day and month where the year is last.
export function parseDate(cell, order) {
  const text = String(cell ?? "").trim();
  const first = text.match(YEAR_FIRST);
  if (first) return instant(first[1], first[2], first[3] ?? 1, text);
  const last = text.match(YEAR_LAST);
  if (last) {
    const [day, month] = order === "mdy" ? [last[2], last[1]] : [last[1], last[2]];
    return instant(last[3].length === 2 ? `20${last[3]}` : last[3], month, day, text);
  }
  if (/^1\d{9}(\.\d+)?$/.test(text)) return 1000 * Number(text);
  if (/^1\d{12}$/.test(text)) return Number(text);
  if (!/^(?=.*[A-Za-z]{3})(?=.*\b\d{4}\b)[\w\s,.:+-]{6,40}$/.test(text)) return null;
  const named = new Date(text.replace(/ ?([+-]\d{4}|GMT|UTC)\b/, "")); // such as Wed Oct 10 20:19:24 +0000 2018
  return Number.isNaN(named.getTime()) ? null
    : Date.UTC(named.getFullYear(), named.getMonth(), named.getDate(), named.getHours(), named.getMinutes());
}

function instant(year, month, day, text) {
  const midnight = Date.UTC(year, month - 1, day);
  const date = new Date(midnight);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== Number(day)) return null;
  const time = text.match(TIME);
  if (!time) return midnight;
  const hour = time[3] ? (time[1] % 12) + (time[3].toLowerCase() === "pm" ? 12 : 0) : Number(time[1]);
  return midnight + HOUR * hour + 60_000 * time[2];
}

// Whether most cells of a column that hold something hold dates.
export function areDates(cells) {
  const held = cells.filter((cell) => String(cell ?? "").trim());
  const dates = held.filter((cell) => parseDate(cell, "dmy") !== null || parseDate(cell, "mdy") !== null);
  return held.length > 0 && dates.length >= ENOUGH * held.length;
}

// The order of day and month: "dmy" or "mdy" where a date tells, "" where no date has its year last, else "either".
export function dateOrder(cells) {
  const found = cells.map((cell) => String(cell ?? "").trim().match(YEAR_LAST)).filter(Boolean);
  if (!found.length) return "";
  if (found.some(([, first]) => first > 12)) return "dmy";
  return found.some(([, , second]) => second > 12) ? "mdy" : "either";
}

const UNITS = [
  { name: "hour", start: (time) => Math.floor(time / HOUR) * HOUR, next: (time) => time + HOUR, length: HOUR,
    format: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" } },
  { name: "day", start: (time) => Math.floor(time / DAY) * DAY, next: (time) => time + DAY, length: DAY,
    format: { day: "numeric", month: "short", year: "numeric" } },
  { name: "week", start: (time) => Math.floor((time / DAY - 4) / 7) * 7 * DAY + 4 * DAY, next: (time) => time + 7 * DAY,
    length: 7 * DAY, format: { day: "numeric", month: "short", year: "numeric" } }, // from Monday; 1970 began on a Thursday
  { name: "month", start: (time) => monthOf(time, 0, 1), next: (time) => monthOf(time, 1, 1), length: 30 * DAY,
    format: { month: "short", year: "numeric" } },
  { name: "year", start: (time) => monthOf(time, 0, 12), next: (time) => monthOf(time, 12, 12), length: 365 * DAY,
    format: { year: "numeric" } },
];

function monthOf(time, later, step) {
  const date = new Date(time);
  const month = Math.floor(date.getUTCMonth() / step) * step;
  return Date.UTC(date.getUTCFullYear(), month + later, 1);
}

// The finest bins of which there are not too many: the unit, the beginning of each bin, and the label of a beginning.
export function binsOf(times) {
  const [from, to] = times.reduce(([low, high], time) => [Math.min(low, time), Math.max(high, time)], [Infinity, -Infinity]);
  const whole = times.every((time) => time % DAY === 0);
  const unit = UNITS.slice(whole ? 1 : 0).find(({ length }) => (to - from) / length < MOST_BINS) ?? UNITS.at(-1);
  const starts = [];
  for (let start = unit.start(from); start <= to; start = unit.next(start)) starts.push(start);
  const format = new Intl.DateTimeFormat("en-GB", { ...unit.format, timeZone: "UTC" });
  return { unit: unit.name, starts, start: unit.start, label: (start) => format.format(start) };
}
