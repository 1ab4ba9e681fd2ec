// The service: its two addresses, its errors, its API key.

import { find } from "./elements.js";

const ROOT = new URL("../", import.meta.url);
const LONGEST_ANSWER = 60_000; // milliseconds
const TURNS = 8;
const LONGEST_PAUSE = 30; // seconds

export class ServiceError extends Error {
  constructor(message, status = 0, pause = null) {
    super(message);
    this.status = status;
    this.pause = pause; // seconds after which the service wants to be asked again
  }
}

export const models = () => ask("models", {});

export async function predict(texts, model, signal) {
  const answer = await ask("predict", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ texts, model }),
    signal,
  });
  return answer.predictions;
}

// As `predict`, but asks a busy service again; `waiting` is told for how many seconds.
export async function predictPatiently(texts, model, signal, waiting) {
  for (let turn = 1; ; turn += 1) {
    try {
      return await predict(texts, model, signal);
    } catch (error) {
      if (error.status !== 503 || turn === TURNS) throw error;
      const seconds = Math.min(error.pause ?? 2 ** (turn - 1), LONGEST_PAUSE);
      waiting(seconds);
      await pause(1000 * seconds, signal);
    }
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => { clearTimeout(timer); reject(signal.reason); };
    const timer = setTimeout(() => { signal.removeEventListener("abort", stop); resolve(); }, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}

async function ask(address, options) {
  for (let asked = null; ;) {
    const response = await send(address, options);
    if (response.ok) return response.json();
    const { error } = await response.json().catch(() => ({}));
    if (response.status !== 401) {
      throw new ServiceError(error ?? `The service answered with status ${response.status}.`, response.status, after(response));
    }
    asked = await newKey(asked ?? sessionStorage.getItem("key"));
    if (asked === null) throw new ServiceError("The service needs an API key.", 401);
  }
}

async function send(address, { headers, signal, ...options }) {
  const key = sessionStorage.getItem("key");
  const late = AbortSignal.timeout(LONGEST_ANSWER);
  try {
    return await fetch(new URL(address, ROOT), {
      ...options,
      headers: { ...headers, ...(key && { Authorization: `Bearer ${key}` }) },
      signal: signal ? AbortSignal.any([signal, late]) : late,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ServiceError(
      late.aborted ? "The service took longer than a minute to answer." : "The service cannot be reached. Is it still running?",
    );
  }
}

function after(response) {
  const seconds = Number(response.headers.get("Retry-After") ?? NaN);
  return seconds >= 0 ? seconds : null;
}

const WRONG_KEY = "The service does not accept this key.";
let open = null; // the question that is being asked, one for all requests that were refused

function newKey(old) {
  if (sessionStorage.getItem("key") !== old) return sessionStorage.getItem("key"); // another request has got it
  open ??= new Promise((resolve) => {
    const dialog = find("key");
    find("key-why").textContent = old === null
      ? "This service answers to those who have a key. It is kept until you close this tab."
      : WRONG_KEY;
    find("key-value").value = "";
    dialog.returnValue = "";
    find("key-cancel").onclick = () => dialog.close("");
    dialog.querySelector("form").onsubmit = (event) => {
      event.preventDefault();
      const key = find("key-value").value.trim();
      if (/^[!-~]+$/.test(key)) dialog.close(key);
      else find("key-why").textContent = WRONG_KEY; // no service has it, and no browser sends it
    };
    dialog.addEventListener("close", () => {
      open = null;
      if (dialog.returnValue) sessionStorage.setItem("key", dialog.returnValue);
      resolve(dialog.returnValue || null);
    }, { once: true });
    dialog.showModal();
  });
  return open;
}
