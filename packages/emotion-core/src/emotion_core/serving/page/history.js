// The texts that were tried, kept in this browser alone.

import { find, make } from "./elements.js";

const PLACE = "emotion-history";
const MOST = 50;

export class History {
  constructor(restore) {
    this.restore = restore;
    ({ on: this.on, entries: this.entries } = stored());
    const keep = find("keep");
    keep.checked = this.on;
    keep.addEventListener("change", () => {
      this.on = keep.checked;
      this.#changed();
    });
    find("clear").addEventListener("click", () => {
      this.entries = [];
      this.#changed();
      keep.focus(); // the button is gone
    });
    this.#draw();
  }

  add(text, said) {
    if (!this.on) return;
    // Whoever pauses while typing has one text in mind, and not each of its beginnings.
    const [last] = this.entries;
    if (last && (text.startsWith(last.text) || last.text.startsWith(text))) this.entries.shift();
    this.entries = [{ text, said }, ...this.entries.filter((entry) => entry.text !== text)].slice(0, MOST);
    this.#changed();
  }

  #changed() {
    try {
      localStorage.setItem(PLACE, JSON.stringify({ on: this.on, entries: this.entries }));
    } catch { /* no storage, or no room: the list lasts as long as the page */ }
    this.#draw();
  }

  #draw() {
    find("clear").hidden = !this.entries.length;
    find("no-history").textContent = this.entries.length ? "" : this.on
      ? "Texts that you try are listed here. They stay in this browser."
      : "Texts that you try are not kept.";
    find("entries").replaceChildren(...this.entries.map(({ text, said }) => make(
      "li", {},
      make("button", { type: "button", className: "quiet", onclick: () => this.restore(text) }, text.replace(/\s+/g, " ").slice(0, 300)),
      make("span", { className: "said" }, said.map(({ emotion, share }) => `${emotion} ${share}`.trim()).join(" · ")),
    )));
  }
}

function stored() {
  try {
    const { on, entries } = JSON.parse(localStorage.getItem(PLACE));
    if (entries.every(({ text, said }) => typeof text === "string" && Array.isArray(said))) return { on: on === true, entries };
  } catch { /* nothing there, or not ours */ }
  return { on: true, entries: [] };
}
