// The section of files: choose one, send its texts in parts, and give it back with the predictions.

import { distribution, overTime } from "./charts.js";
import { areDates, dateOrder, parseDate } from "./dates.js";
import { count, counted, find, make, say } from "./elements.js";
import { addedNames, Predicting } from "./predicting.js";
import { FileError, readTable } from "./table.js";

const LARGEST = 100_000_000; // bytes
const SAMPLE = 200; // rows that tell what a column holds
const TEXT_NAMES = ["text", "tweet", "content", "message", "comment", "review", "post", "body", "sentence", "answer"];

export class FileSection {
  constructor({ models, default: usual, limits }) {
    Object.assign(this, { models, limits, run: null, table: null });
    find("file-model").append(...models.map(({ name }) => make("option", { selected: name === usual }, name)));
    find("model-field").hidden = models.length === 1;
    find("file").addEventListener("change", (event) => this.#choose(event.target.files[0]));
    this.#receiveDrops();
    find("literal").addEventListener("change", () => this.#read());
    find("text-column").addEventListener("change", () => this.#begin());
    find("file-model").addEventListener("change", () => this.#begin());
    find("date-column").addEventListener("change", () => this.#dates());
    find("date-order").addEventListener("change", () => this.#drawOverTime());
    find("cancel").addEventListener("click", () => this.run.stop());
    find("settings").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#predict();
    });
  }

  #receiveDrops() {
    let depth = 0; // of entered elements, since each sends its own events
    const mark = (change) => find("drop").classList.toggle("over", (depth = Math.max(0, depth + change)) > 0);
    const files = (event) => event.dataTransfer?.types.includes("Files");
    document.addEventListener("dragenter", (event) => files(event) && mark(1));
    document.addEventListener("dragleave", (event) => files(event) && mark(-1));
    document.addEventListener("dragover", (event) => files(event) && event.preventDefault());
    document.addEventListener("drop", (event) => {
      if (!files(event)) return;
      event.preventDefault();
      mark(-depth);
      this.#choose(event.dataTransfer.files[0]);
      find("a-file").scrollIntoView({ block: "start" });
    });
  }

  async #choose(file) {
    if (!file) return;
    find("file").value = ""; // so that the same file can be chosen again
    this.run?.stop();
    this.name = file.name;
    find("literal").checked = false;
    this.bytes = file.size > LARGEST ? null : await file.arrayBuffer().catch(() => null);
    if (this.bytes) this.#read();
    else this.#refuse(file.size > LARGEST
      ? "The file is larger than 100 MB. Use the command emotion-core predict, for which the size does not matter."
      : "The browser cannot read the file.");
  }

  #refuse(message) {
    this.table = null;
    find("settings").hidden = true;
    find("result").hidden = true;
    find("file-problem").textContent = `${this.name}: ${message}`;
    find("file-problem").hidden = false;
  }

  #read() {
    find("file-problem").hidden = true;
    try {
      this.table = readTable(this.name, this.bytes, find("literal").checked);
      if (!this.table.rows) throw new FileError("The file has a header and no rows.");
      const taken = addedNames(this.models[0]).find((name) => this.table.columns.includes(name));
      if (taken) throw new FileError(`The file has a column ${taken} already, which prediction adds. Rename or remove it.`);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      this.#refuse(error.message);
      // What may help is to read the quotation marks in the other way.
      find("settings").hidden = !/quot/.test(error.message);
      find("settings").classList.toggle("unread", true);
      return;
    }
    find("settings").hidden = false;
    find("drop").classList.add("chosen");
    find("settings").classList.toggle("unread", false);
    find("quoting-field").hidden = !this.table.delimited;
    this.#offerColumns();
    this.#begin();
    this.#dates();
  }

  #column(place) {
    return Array.from({ length: Math.min(SAMPLE, this.table.rows) }, (_, row) => this.table.cell(row, place));
  }

  #offerColumns() {
    const { columns } = this.table;
    const options = () => columns.map((name, place) => make("option", { value: place }, name || `Column ${place + 1}`));
    const samples = columns.map((_, place) => this.#column(place));
    find("text-column").replaceChildren(...options());
    find("text-column").value = guessText(columns, samples);
    find("date-column").replaceChildren(make("option", { value: "" }, "no column"), ...options());
    const date = samples.findIndex(areDates);
    find("date-column").value = date < 0 ? "" : date;
  }

  // Nothing is predicted yet: what the button does, and the first texts, so that the column can be checked.
  #begin() {
    this.run?.stop();
    this.run = null;
    const place = Number(find("text-column").value);
    find("found").replaceChildren(make("strong", {}, this.name), ` has ${counted(this.table.rows, "row")}.`);
    const texts = this.#column(place).map((cell) => String(cell ?? "").trim()).filter(Boolean).slice(0, 3);
    find("preview").replaceChildren(...texts.map((text) => make("p", {}, text.slice(0, 200))));
    find("result").hidden = true;
    this.#show("ready");
  }

  #show(state) {
    find("start").hidden = state === "running" || state === "done";
    find("start").textContent = state === "stopped" ? "Continue" : `Predict ${counted(this.table.rows, "row")}`;
    find("cancel").hidden = state !== "running";
    find("progress").hidden = state !== "running" && state !== "stopped";
    find("done").textContent = "";
    if (state !== "stopped") find("file-problem").hidden = true;
  }

  async #predict() {
    const place = Number(find("text-column").value);
    const { table } = this;
    this.run ??= new Predicting(table.rows, (row) => table.cell(row, place), this.#model(), this.limits);
    const run = this.run;
    this.#show("running");
    find("cancel").focus();
    find("progress").max = table.rows;
    const tell = (note = "") => {
      find("progress").value = run.done;
      find("done").textContent = `${count(run.done)} of ${counted(table.rows, "row")}${note}`;
    };
    tell();
    const problem = await run.go(tell);
    if (run !== this.run) return; // another file or column was chosen meanwhile
    if (run.done === table.rows) return this.#finish();
    this.#show("stopped");
    tell();
    find("start").focus();
    if (!problem) return;
    find("file-problem").textContent = problem.message;
    find("file-problem").hidden = false;
  }

  #finish() {
    this.#show("done");
    const { run, table } = this;
    const parts = table.written(run.names, run.added);
    URL.revokeObjectURL(this.address);
    this.address = URL.createObjectURL(new Blob(parts, { type: "text/plain;charset=utf-8" }));
    const name = `${this.name.replace(/\.[^.]*$/, "")}-predicted.${table.ending}`;
    Object.assign(find("download"), { href: this.address, download: name, textContent: `Download ${name}` });
    find("summary").textContent = run.words();
    find("distribution").replaceChildren(...distribution(run.parts()));
    this.#drawOverTime();
    find("result").hidden = false;
    say("The file is predicted.");
    find("summary").focus();
  }

  #model() {
    return this.models.find(({ name }) => name === find("file-model").value);
  }

  #dates() {
    const place = find("date-column").value;
    const order = place === "" ? "" : dateOrder(Array.from({ length: this.table.rows }, (_, row) => this.table.cell(row, Number(place))));
    find("order-field").hidden = order !== "either";
    if (order && order !== "either") find("date-order").value = order;
    this.#drawOverTime();
  }

  #drawOverTime() {
    const place = find("date-column").value;
    if (place === "" || this.run?.done !== this.table.rows) return find("over-time").replaceChildren();
    const order = find("date-order").value;
    const dated = [...this.run.labels].map((label, row) => ({ label, time: parseDate(this.table.cell(row, Number(place)), order) }))
      .filter(({ label, time }) => label >= 0 && time !== null);
    find("over-time").replaceChildren(...(dated.length
      ? overTime(dated, this.run.model.labels, this.table.rows - dated.length)
      : [make("p", { className: "note" }, `The column ${this.table.columns[place]} holds no dates.`)]));
  }
}

// By its name, else the one with the longest words that are neither numbers nor dates.
function guessText(columns, samples) {
  const names = columns.map((name) => name.toLowerCase());
  for (const name of TEXT_NAMES) if (names.includes(name)) return names.indexOf(name);
  const lengths = samples.map((cells) => (areDates(cells) ? 0
    : cells.reduce((sum, cell) => sum + (typeof cell === "string" && Number.isNaN(Number(cell)) ? cell.length : 0), 0)));
  return lengths.indexOf(Math.max(...lengths));
}
