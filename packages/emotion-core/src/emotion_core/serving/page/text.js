// The field: what is typed there is predicted by each chosen model, and only the latest answer counts.

import { count, counted, find, make, say } from "./elements.js";
import { inWords, Panel } from "./prediction.js";
import { predictPatiently } from "./service.js";

const TYPING = 150; // milliseconds without a key before the text is sent
const SETTLED = 1200; // before it is told to a screen reader and kept
const SHOWN_AT_FIRST = 3;

export class TextSection {
  constructor({ models, default: usual, limits }, history) {
    this.limits = limits;
    this.history = history;
    this.field = find("text");
    this.panels = new Map(models.map((model) => [model.name, new Panel(model)]));
    this.asked = new Map(); // the request of each model, to abort it
    this.answers = new Map();
    const others = models.map((model) => model.name).filter((name) => name !== usual);
    this.chosen = new Set([usual, ...others].slice(0, SHOWN_AT_FIRST));
    this.#offer(models);
    this.field.addEventListener("input", () => this.#soon());
    for (const button of find("examples").querySelectorAll("button")) {
      button.addEventListener("click", () => this.set(button.textContent));
    }
    this.#arrange();
    if (this.field.value) this.#predict(); // what the browser has kept of the last visit
  }

  set(text) {
    this.field.value = text;
    this.#predict();
  }

  #offer(models) {
    if (models.length === 1) return;
    find("choice").hidden = false;
    for (const { name } of models) {
      const box = make("input", { type: "checkbox", value: name, checked: this.chosen.has(name) });
      box.addEventListener("change", () => {
        if (box.checked) this.chosen.add(name);
        else if (this.chosen.size > 1) this.chosen.delete(name);
        else box.checked = true; // the last one stays
        this.#arrange();
        this.#predict();
      });
      find("choice").append(make("label", { className: "check" }, box, ` ${name}`));
    }
  }

  #arrange() {
    const shown = [...this.panels].filter(([name]) => this.chosen.has(name));
    find("panels").replaceChildren(...shown.map(([, panel]) => panel.element));
    find("a-text").classList.toggle("several", shown.length > 1);
  }

  #soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#predict(), this.field.value.trim() ? TYPING : 0);
  }

  #predict() {
    clearTimeout(this.timer);
    clearTimeout(this.settling);
    const text = this.field.value;
    const length = [...text].length;
    const over = length > this.limits.characters;
    find("room").textContent = length > 0.8 * this.limits.characters
      ? `${count(length)} of at most ${counted(this.limits.characters, "character")}.` : "";
    this.field.setAttribute("aria-invalid", over);
    this.answers.clear();
    for (const request of this.asked.values()) request.abort();
    for (const name of this.chosen) {
      const panel = this.panels.get(name);
      if (!text.trim()) panel.empty();
      else if (over) panel.fail("The text is longer than the service takes.");
      else this.#ask(name, panel, text);
    }
  }

  async #ask(name, panel, text) {
    const request = new AbortController();
    this.asked.set(name, request);
    const slow = setTimeout(() => panel.wait(), 300);
    try {
      const busy = (seconds) => panel.tell(`The service is busy and is asked again in ${counted(seconds, "second")}.`);
      const [prediction] = await predictPatiently([text], name, request.signal, busy);
      if (request.signal.aborted) return;
      panel.show(prediction);
      this.answers.set(name, prediction);
      if (this.answers.size === this.chosen.size) this.settling = setTimeout(() => this.#settle(text), SETTLED);
    } catch (error) {
      if (request.signal.aborted) return;
      panel.fail(error.message, () => this.#predict());
      say(error.message);
    } finally {
      clearTimeout(slow);
    }
  }

  #settle(text) {
    const names = [...this.panels.keys()].filter((name) => this.answers.has(name)); // in the order of the panels
    const said = names.map((model) => ({ model, ...inWords(this.answers.get(model)) }));
    const several = said.length > 1;
    say(said.map(({ model, emotion, share, second }) => `${several ? `${model}: ` : ""}${emotion} ${share}. ${second}`).join(" "));
    this.history.add(text, said.map(({ model, emotion, share }) => ({ model, emotion, share })));
  }
}

