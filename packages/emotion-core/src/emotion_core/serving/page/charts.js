// Two pictures of a predicted file: the distribution of the emotions, and how it changes with time.

import { capital, colour, count, counted, make, percent } from "./elements.js";
import { binsOf } from "./dates.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 32;
const FEW = 10; // texts of a bin, of which the shares say little

function draw(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// One bar of all rows, and its parts in words. `parts` are { name, number, emotion }.
export function distribution(parts) {
  const total = parts.reduce((sum, { number }) => sum + number, 0);
  const bar = make("div", { className: "stack" });
  bar.setAttribute("aria-hidden", "true");
  const list = make("ul", { className: "legend" });
  for (const { name, number, emotion } of parts) {
    const mark = make("span", { className: emotion ? "mark" : "mark none" });
    if (emotion) mark.style.backgroundColor = colour(name);
    list.append(make("li", {}, mark, make("span", { className: "emotion" }, name),
      make("span", { className: "value" }, percent(number / total)), make("span", { className: "note" }, count(number))));
    if (!number) continue;
    const part = make("span", { className: emotion ? "" : "none", title: `${name}: ${counted(number, "row")}` });
    part.style.flexGrow = number;
    if (emotion) part.style.backgroundColor = colour(name);
    bar.append(part);
  }
  return [make("h3", {}, "Distribution"), bar, list];
}

// For each emotion, its share of the texts of each bin of time. `dated` are { time, label }, label an index or below 0.
export function overTime(dated, emotions, left) {
  const bins = binsOf(dated.map(({ time }) => time));
  const rows = new Map(bins.starts.map((start) => [start, { total: 0, numbers: emotions.map(() => 0) }]));
  for (const { time, label } of dated) {
    if (label < 0) continue;
    const row = rows.get(bins.start(time));
    row.total += 1;
    row.numbers[label] += 1;
  }
  const table = [...rows].map(([start, row]) => ({ name: bins.label(start), ...row }));
  const shares = table.map(({ total, numbers }) => numbers.map((number) => (total ? number / total : 0)));
  const enough = table.map(({ total }) => total >= FEW);
  const fewHave = enough.includes(true) && enough.some((many, place) => !many && table[place].total);
  const highest = Math.max(...shares.filter((_, place) => !fewHave || enough[place]).flat());
  const most = Math.max(...table.map(({ total }) => total));
  const chart = make("div", { className: "strips" });
  chart.setAttribute("aria-hidden", "true"); // the table says the same
  emotions.forEach((emotion, label) => {
    const told = table.map(({ name, total, numbers }) => `${name}: ${numbers[label]} of ${counted(total, "text")}`);
    chart.append(...strip(emotion, shares.map((row, place) => ({
      height: Math.min(1, row[label] / highest), few: fewHave && !enough[place], told: told[place],
    })), colour(emotion)));
  });
  chart.append(...strip("texts", table.map(({ name, total }) => ({
    height: total / most, told: `${name}: ${counted(total, "text")}`,
  })), "var(--soft)"));
  chart.append(make("span"), make("div", { className: "axis" }, ...ends(table)));
  const note = [
    `Share of the texts of each ${bins.unit}, on one scale to ${percent(highest)}; below, their number, at most ${count(most)}.`,
    ...(fewHave ? [`Pale: fewer than ${FEW} texts.`] : []),
    ...(left ? [`Left out: ${counted(left, "row")} without an emotion or a date.`] : []),
  ].join(" ");
  return [make("h3", {}, "Over time"), make("p", { className: "note" }, note), chart, asTable(table, emotions, bins.unit)];
}

const ends = (table) => [table[0], ...(table.length > 1 ? [table.at(-1)] : [])].map(({ name }) => make("span", {}, name));

// A row of bars of { height (0 to 1), few, told }.
function strip(name, row, fill) {
  const width = 100 / row.length;
  const bars = row.map(({ height, few, told }, place) => draw("rect", {
    class: few ? "few" : "", x: (place + 0.08) * width, width: 0.84 * width, y: HEIGHT * (1 - height), height: HEIGHT * height,
  }, titled(told)));
  const picture = draw("svg", { viewBox: `0 0 100 ${HEIGHT}`, preserveAspectRatio: "none" }, ...bars);
  picture.style.fill = fill;
  return [make("span", { className: "emotion" }, name), picture];
}

function titled(words) {
  const title = draw("title", {});
  title.textContent = words;
  return title;
}

function asTable(table, emotions, unit) {
  const head = [capital(unit), ...emotions, "texts"].map((name) => make("th", { scope: "col" }, name));
  const rows = table.map(({ name, total, numbers }) => make(
    "tr", {}, make("th", { scope: "row" }, name),
    ...numbers.map((number) => make("td", {}, total ? percent(number / total) : "–")), make("td", {}, count(total)),
  ));
  const drawn = make("table", {}, make("caption", { className: "hidden" }, `Emotions by ${unit}`),
    make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows));
  const scroll = make("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: `Emotions by ${unit}` }, drawn);
  return make("details", {}, make("summary", {}, "As a table"), scroll);
}
