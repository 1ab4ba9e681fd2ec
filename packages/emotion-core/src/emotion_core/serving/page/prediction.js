// What one model says of one text: the emotion, the second guess, and six bars.

import { capital, colour, listed, make, percent } from "./elements.js";

const CLOSE = 0.1; // between the first and the second probability

// The emotions of a prediction, the most probable first, each with its probability.
export const ranked = (prediction) => Object.entries(prediction.probabilities).sort((a, b) => b[1] - a[1]);

// The emotion, its share and the second guess in words.
export function inWords(prediction) {
  if (!prediction.probabilities) return { emotion: "No prediction", share: "", second: `${capital(prediction.reason)}.` };
  const [[first, share], [second, next]] = ranked(prediction);
  if (prediction.emotion === "neutral") {
    return { emotion: "Neutral", share: percent(prediction.neutral), second: `If it shows an emotion, ${first}, ${percent(share)}.` };
  }
  if (prediction.uncertain) {
    return { emotion: "Uncertain", share: "", second: `Perhaps ${first}, ${percent(share)}, or ${second}, ${percent(next)}.` };
  }
  const lead = share - next < CLOSE ? "A close call. Second guess" : "Second guess";
  return { emotion: capital(first), share: percent(share), second: `${lead}: ${second}, ${percent(next)}.` };
}

export class Panel {
  constructor(model) {
    this.model = model;
    this.verdict = make("p", { className: "verdict" });
    this.second = make("p", { className: "second" });
    this.notes = make("p", { className: "note" });
    this.problem = make("p", { className: "problem", hidden: true });
    this.bars = new Map(model.labels.map((emotion) => [emotion, bar(emotion)]));
    const never = model.never_predicted ?? [];
    const unseen = never.length ? make("p", { className: "note" }, `No text of its training had ${listed(never)}.`) : null;
    const name = make("h3", {}, model.name, " ", make("span", {}, model.format));
    this.element = make(
      "section", { className: "panel", ariaLabel: model.name }, name, this.verdict, this.second,
      make("ul", { className: "bars" }, ...[...this.bars.values()].map(({ row }) => row)), unseen, this.notes, this.problem,
    );
    this.empty();
  }

  empty() {
    this.#state("empty");
    this.verdict.replaceChildren("No text yet");
    this.second.textContent = "Six probabilities appear here as you type.";
    this.#draw(null);
  }

  wait() {
    this.element.classList.add("waiting");
    this.element.setAttribute("aria-busy", "true");
  }

  show(prediction) {
    this.#state(prediction.probabilities ? (prediction.uncertain ? "uncertain" : "") : "empty");
    const { emotion, share, second } = inWords(prediction);
    this.verdict.replaceChildren(emotion, make("span", { className: "share" }, share));
    this.second.textContent = second;
    this.notes.textContent = [
      ...(prediction.foreign ? ["The text seems to be in a language that this model does not read: do not rely on its prediction."] : []),
      ...(prediction.truncated ? ["The text is longer than this model reads, so a part of it was left out."] : []),
    ].join(" ");
    this.#draw(prediction);
  }

  // What went wrong; what was shown before is of another text, and goes.
  fail(message, again) {
    this.empty();
    this.#state("empty failed");
    this.verdict.replaceChildren("No answer");
    this.second.textContent = "";
    this.tell(message, again);
  }

  tell(message, again = null) {
    const button = again && make("button", { type: "button", onclick: again }, "Try again");
    this.problem.replaceChildren(message, ...(button ? [" ", button] : []));
    this.problem.hidden = false;
  }

  #state(names) {
    this.element.className = `panel ${names}`;
    this.element.removeAttribute("aria-busy");
    this.notes.textContent = "";
    this.problem.hidden = true;
  }

  #draw(prediction) {
    const first = prediction?.probabilities && ranked(prediction)[0][0];
    for (const [emotion, { row, fill, value }] of this.bars) {
      const share = prediction?.probabilities?.[emotion];
      fill.style.inlineSize = `${100 * (share ?? 0)}%`;
      value.textContent = share === undefined ? "" : percent(share);
      row.classList.toggle("first", emotion === first);
    }
  }
}

function bar(emotion) {
  const fill = make("span", { className: "fill" });
  const value = make("span", { className: "value" });
  fill.style.backgroundColor = colour(emotion);
  const line = make("span", { className: "line" }, fill);
  line.setAttribute("aria-hidden", "true");
  return { row: make("li", {}, make("span", { className: "emotion" }, emotion), line, value), fill, value };
}
