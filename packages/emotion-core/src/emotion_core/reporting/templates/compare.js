"use strict";

// The page is complete without this script, which only sorts, hides and shows what is there already.

function button(cell) {
  const made = document.createElement("button");
  made.type = "button";
  made.append(...cell.childNodes);
  cell.append(made);
  return made;
}

// What a cell is sorted by; null, which was not measured, comes last in both directions.
function key(cell) {
  const value = cell.dataset.value;
  return value === undefined ? cell.textContent : value === "" ? null : Number(value);
}

function compare(a, b, sign) {
  if (a === null || b === null) return (a === null) - (b === null);
  return sign * (typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true }));
}

function makeSortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => button(head).addEventListener("click", () => {
    const opposite = { ascending: "descending", descending: "ascending" };
    const direction = opposite[head.getAttribute("aria-sort")] ?? head.dataset.first ?? "ascending";
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", direction);
    const sign = direction === "ascending" ? 1 : -1;
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => compare(key(a.cells[column]), key(b.cells[column]), sign));
    table.tBodies[0].append(...rows);
  }));
}

function makeExpandable(row) {
  const panel = document.getElementById(row.dataset.panel);
  const toggle = button(row.querySelector("th"));
  const show = (shown) => {
    panel.hidden = !shown;
    toggle.setAttribute("aria-expanded", shown);
  };
  toggle.setAttribute("aria-controls", panel.id);
  show(row.classList.contains("best"));
  row.addEventListener("click", (event) => {
    if (event.target !== toggle && String(getSelection())) return; // somebody is copying a figure
    show(panel.hidden);
    if (!panel.hidden) panel.scrollIntoView({ block: "nearest" });
  });
}

function makeFilter(filter) {
  const [emotion, first, second, wrong] = ["emotion", "first", "second", "wrong"].map((id) => document.getElementById(id));
  const examples = [...document.querySelectorAll("#examples > li")];
  const apply = () => {
    let shown = 0;
    for (const example of examples) {
      const { label, predicted } = example.dataset; // one digit a run, the best first
      const chosen = (select) => (select.value === "" ? [...predicted] : [predicted[select.value]]);
      const differ = chosen(first).some((a) => chosen(second).some((b) => a !== b));
      const fits = differ && (!emotion.value || label === emotion.value) && !(wrong.checked && predicted[0] === label);
      example.hidden = !fits;
      shown += fits;
    }
    document.getElementById("shown").textContent = shown;
  };
  filter.addEventListener("change", apply);
  apply();
}

document.querySelectorAll(".with-script").forEach((element) => { element.hidden = false; });
document.querySelectorAll(".sortable").forEach(makeSortable);
[...document.getElementById("runs").tBodies[0].rows].forEach(makeExpandable);
const filter = document.getElementById("filter");
if (filter) makeFilter(filter);
