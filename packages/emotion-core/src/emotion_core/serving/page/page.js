// Starts the page: asks the service for its models, and brings the sections to life.

import { find, make } from "./elements.js";
import { FileSection } from "./file.js";
import { History } from "./history.js";
import { models } from "./service.js";
import { TextSection } from "./text.js";

async function start() {
  const trouble = find("trouble");
  trouble.hidden = true;
  try {
    const described = await models();
    find("panels").replaceChildren();
    let text = null;
    const history = new History((entry) => {
      text.set(entry);
      find("text").focus();
    });
    text = new TextSection(described, history);
    new FileSection(described);
  } catch (error) {
    trouble.replaceChildren(error.message, " ", make("button", { type: "button", onclick: start }, "Try again"));
    trouble.hidden = false;
  }
}

start();
