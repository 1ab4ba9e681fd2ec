// The prediction of many rows: in parts that the service takes, with what became of each row.

import { count, counted } from "./elements.js";
import { predictPatiently } from "./service.js";

const MOST_TEXTS = 256; // of a part, so that progress is seen
const ENVELOPE = 1000; // bytes of a body beside its texts
const NONE = -3; // the label of a row without prediction; -1 is uncertain, -2 neutral
const encoder = new TextEncoder();

// The names of the new columns, as `emotion-core predict` has them.
export const addedNames = ({ labels }) => ["predicted_label", "predicted_emotion", ...labels.map((emotion) => `probability_${emotion}`)];

export class Predicting {
  constructor(rows, cell, model, limits) {
    Object.assign(this, { rows, cell, model, limits, done: 0, truncated: 0, foreign: 0 });
    this.names = addedNames(model);
    this.labels = new Int8Array(rows).fill(NONE);
    this.added = []; // the new cells of each row that is done
    this.reasons = new Map(); // of rows without prediction, with their number
  }

  stop() {
    this.request?.abort();
  }

  // Predicts what is left; gives the error that ended it, and null where it came to the end or was stopped.
  async go(tell) {
    const request = new AbortController();
    this.request = request;
    try {
      while (this.done < this.rows) {
        const { texts, taken } = this.#part();
        const waiting = (seconds) => tell(`; the service is busy and is asked again in ${counted(seconds, "second")}`);
        const answers = texts.length ? await predictPatiently(texts, this.model.name, request.signal, waiting) : [];
        if (request.signal.aborted) return null;
        this.#take(taken, answers);
        tell();
      }
      return null;
    } catch (error) {
      return request.signal.aborted ? null : error;
    }
  }

  // The next texts, and of each row whether it is among them or why not.
  #part() {
    const texts = [];
    const taken = [];
    const most = Math.min(this.limits.texts, MOST_TEXTS);
    let room = this.limits.bytes - ENVELOPE;
    for (let row = this.done; row < this.rows && texts.length < most; row += 1) {
      const cell = this.cell(row);
      const text = typeof cell === "string" ? cell : ""; // of which the service says that it is no text
      const size = encoder.encode(JSON.stringify(text)).length + 1;
      const long = size > this.limits.bytes - ENVELOPE
        || (text.length > this.limits.characters && [...text].length > this.limits.characters);
      if (!long && size > room) break;
      taken.push(long ? `a text of more than ${count(this.limits.characters)} characters` : null);
      if (long) continue;
      room -= size;
      texts.push(text);
    }
    return { texts, taken };
  }

  #take(taken, answers) {
    const next = answers.values();
    for (const problem of taken) {
      const answer = problem === null ? next.next().value : { probabilities: null, reason: problem };
      const { label, emotion, probabilities, reason } = answer;
      if (probabilities) this.labels[this.done] = label;
      else this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
      this.added.push(probabilities ? [label, emotion, ...this.model.labels.map((name) => probabilities[name])] : this.names.map(() => ""));
      this.truncated += answer.truncated ? 1 : 0;
      this.foreign += answer.foreign ? 1 : 0;
      this.done += 1;
    }
  }

  #number(label) {
    return this.labels.reduce((sum, other) => sum + (other === label), 0);
  }

  // The parts of the distribution.
  parts() {
    const parts = this.model.labels.map((name, label) => ({ name, number: this.#number(label), emotion: true }));
    const others = [{ name: "neutral", number: this.#number(-2) }, { name: "uncertain", number: this.#number(-1) }, { name: "no prediction", number: this.#number(NONE) }];
    return [...parts, ...others.filter(({ number }) => number)];
  }

  // What became of the rows.
  words() {
    const without = [...this.reasons].map(([reason, number]) => `${count(number)} with ${reason} and so without prediction`);
    const [neutral, uncertain] = [this.#number(-2), this.#number(-1)];
    const more = [...without, ...(neutral ? [`${count(neutral)} neutral`] : []), ...(uncertain ? [`${count(uncertain)} uncertain`] : []),
      ...(this.truncated ? [`${count(this.truncated)} longer than the model reads, so that a part was left out`] : []),
      ...(this.foreign ? [`${count(this.foreign)} that ${this.foreign > 1 ? "seem" : "seems"} to be in a language that the model does not read`] : [])];
    return `${[counted(this.rows, "row"), ...more].join(", ")}.`;
  }
}
