// Files of texts: csv, tsv, jsonl and txt. A row keeps its own characters, so that it is written back as it was read.

import { count, counted } from "./elements.js";

const DELIMITERS = [",", "\t", ";", "|"]; // those of `emotion-core predict`
const SAMPLE = 200; // lines that tell the delimiter
const MOST = 0.8;
const BREAK = /\r\n|\n|\r/;

export class FileError extends Error {}

// The file as a table: columns (names), rows, `cell(row, column)`, and `written(added)`, the parts of the new file.
export function readTable(name, bytes, literal = false) {
  const ending = name.toLowerCase().match(/\.(\w+)$/)?.[1] ?? "";
  const { text, marked } = decode(bytes);
  if (!text.trim()) throw new FileError("The file is empty.");
  if (["jsonl", "ndjson"].includes(ending)) return { ...jsonTable(text, marked), ending };
  if (ending === "txt") return { ...textTable(text, marked), ending: "csv" };
  if (ending === "csv") return { ...delimitedTable(text, ",", marked, literal), ending };
  if (["tsv", "tab"].includes(ending)) return { ...delimitedTable(text, "\t", marked, literal), ending };
  throw new FileError(
    `The ending ${ending ? `.${ending}` : "of the file"} is not one of .csv, .tsv, .jsonl and .txt. Save a spreadsheet as CSV UTF-8.`,
  );
}

function decode(bytes) {
  const [first, second, third] = new Uint8Array(bytes.slice(0, 3));
  const wide = first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : null;
  const marked = wide !== null || (first === 0xef && second === 0xbb && third === 0xbf);
  try {
    const text = new TextDecoder(wide ?? "utf-8", { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return { text, marked };
  } catch { /* said below */ }
  throw new FileError("The file is not UTF-8 text. Save it as UTF-8 (it may be Latin-1, Windows-1252 or a spreadsheet) and choose it again.");
}

// The records of a csv file: cells, the characters they were written with, the line break after them, the first line.
export function parse(text, delimiter, quoted, first = 1) {
  const records = [];
  let at = 0;
  let line = first;
  while (at < text.length) {
    const from = at;
    const began = line;
    const cells = [];
    for (let more = true; more;) {
      if (quoted && text[at] === '"') {
        const [cell, end] = quotedCell(text, at, began);
        line += cell.split(BREAK).length - 1;
        cells.push(cell);
        at = end;
        if (at < text.length && text[at] !== delimiter && text[at] !== "\n" && text[at] !== "\r") {
          throw new FileError(`Line ${count(began)}: a quotation mark ends within a cell. Check the quotes in this row, or say that quotation marks are part of the texts.`);
        }
      } else {
        const start = at;
        while (at < text.length && text[at] !== delimiter && text[at] !== "\n" && text[at] !== "\r") at += 1;
        cells.push(text.slice(start, at));
      }
      more = text[at] === delimiter;
      if (more) at += 1;
    }
    const raw = text.slice(from, at);
    const end = text.startsWith("\r\n", at) ? "\r\n" : text[at] ?? "";
    at += end.length;
    line += 1;
    records.push({ cells, raw, end, line: began });
  }
  return records;
}

function quotedCell(text, from, line) {
  const parts = [];
  for (let at = from + 1; ;) {
    const close = text.indexOf('"', at);
    if (close < 0) {
      throw new FileError(`Line ${count(line)}: a quotation mark opens a cell and none closes it. Check the quotes in this row, or say that quotation marks are part of the texts.`);
    }
    parts.push(text.slice(at, close));
    if (text[close + 1] !== '"') return [parts.join('"'), close + 1];
    at = close + 2;
  }
}

const quoted = (cell, delimiter) => (cell.includes(delimiter) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

const withoutEmptyEnd = (cells) => cells.slice(0, cells.findLastIndex((cell) => cell.trim()) + 1);

// The share of rows that have as many cells as the header; 0 if the header has fewer than two.
function agreement(sample, delimiter, quoted) {
  let records = [];
  try {
    records = parse(sample, delimiter, quoted).filter(({ cells }) => cells.some(Boolean));
  } catch { /* perhaps the sample ends within a cell */ }
  const width = records.length ? withoutEmptyEnd(records[0].cells).length : 0;
  if (width < 2) return 0;
  const agree = records.slice(1).filter(({ cells }) => withoutEmptyEnd(cells).length <= width && width <= cells.length);
  return records.length > 1 ? agree.length / (records.length - 1) : 1;
}

function findDelimiter(text, usual, quoted) {
  const said = text.match(/^"?sep=(.)"?(\r\n|\n|\r)/i);
  if (said) return { delimiter: said[1], skipped: said[0] };
  const sample = text.split(BREAK, SAMPLE).join("\n");
  const other = agreement(sample, usual, quoted) > 1 - MOST ? null
    : DELIMITERS.find((delimiter) => delimiter !== usual && agreement(sample, delimiter, quoted) >= MOST);
  return { delimiter: other ?? usual, skipped: "" };
}

function delimitedTable(text, usual, marked, literal) {
  const { delimiter, skipped } = findDelimiter(text, usual, !literal);
  const records = parse(text.slice(skipped.length), delimiter, !literal, skipped ? 2 : 1);
  const top = records.findIndex(({ cells }) => cells.some(Boolean));
  if (top < 0) throw new FileError("The file has no rows, expected a header line.");
  const header = records[top];
  const columns = withoutEmptyEnd(header.cells).map((name) => name.trim());
  const width = columns.length;
  // In a file of one column, a blank line is an empty text.
  const rows = records.slice(top + 1).filter(({ raw }) => raw || width === 1);
  for (const row of rows) fit(row, width, delimiter, literal);
  fit(header, width, delimiter, literal);
  const out = ({ raw, end }, cells) => raw + delimiter + cells.join(delimiter) + end;
  return {
    columns,
    rows: rows.length,
    cell: (row, column) => rows[row].cells[column],
    written: (names, added) => [marked ? "\ufeff" : "", skipped, out(header, names), ...rows.map((row, number) => out(row, added[number]))],
    delimited: true,
  };
}

// A row with other cells than the header: empty ones at its end go, all else is an error.
function fit(row, width, delimiter, literal) {
  if (row.cells.length > width && withoutEmptyEnd(row.cells).length <= width) {
    row.cells.length = width;
    row.raw = row.cells.map((cell) => (literal ? cell : quoted(cell, delimiter))).join(delimiter);
  }
  if (row.cells.length === width) return;
  const name = delimiter === "\t" ? "a tab" : delimiter;
  throw new FileError(
    `Line ${count(row.line)}: found ${counted(row.cells.length, "cell")}, expected ${count(width)} as in the header. Put quotes round a text that holds ${name} or a quote.`,
  );
}

function textTable(text, marked) {
  const lines = text.split(BREAK);
  if (lines.at(-1) === "") lines.pop();
  return {
    columns: ["text"],
    rows: lines.length,
    cell: (row) => lines[row],
    written: (names, added) => [
      marked ? "\ufeff" : "", ["text", ...names].join(",") + "\n",
      ...lines.map((line, number) => [quoted(line, ","), ...added[number]].join(",") + "\n"),
    ],
  };
}

function jsonTable(text, marked) {
  const rows = [];
  text.split(BREAK).forEach((raw, number) => {
    if (raw.trim()) rows.push({ raw: raw.trim(), value: parsed(raw, number + 1) });
  });
  const columns = [...new Set(rows.flatMap(({ value }) => Object.keys(value)))];
  const cells = (names, added) => names.map((name, place) => `${JSON.stringify(name)}: ${json(added[place])}`).join(", ");
  return {
    columns,
    rows: rows.length,
    cell: (row, column) => rows[row].value[columns[column]],
    written: (names, added) => [
      marked ? "\ufeff" : "",
      ...rows.map(({ raw, value }, number) => {
        const comma = Object.keys(value).length ? ", " : "";
        return `${raw.slice(0, -1).trimEnd()}${comma}${cells(names, added[number])}}\n`;
      }),
    ],
  };
}

const json = (value) => (value === "" ? "null" : JSON.stringify(value));

function parsed(raw, line) {
  try {
    const value = JSON.parse(raw);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return value;
  } catch { /* said below */ }
  throw new FileError(`Line ${count(line)}: found ${raw.trim().slice(0, 40)}, expected one JSON object a line.`);
}
