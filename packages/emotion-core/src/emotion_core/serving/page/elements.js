// What every part of the page uses: elements, numbers in words, and what a screen reader is told.

const LIST = new Intl.ListFormat("en");
const COUNT = new Intl.NumberFormat("en");

export const find = (id) => document.getElementById(id);

// An element with properties and children, of which strings are text and never markup.
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null));
  return element;
}

export const count = (number) => COUNT.format(number);

export const counted = (number, one, several = `${one}s`) => `${count(number)} ${number === 1 ? one : several}`;

export const listed = (words) => LIST.format(words);

// Never "0%" or "100%" of what is neither.
export function percent(share) {
  if (share > 0 && share < 0.005) return "<1%";
  if (share < 1 && share >= 0.995) return ">99%";
  return `${Math.round(100 * share)}%`;
}

export const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);

// The custom property that `colours.css` has for an emotion.
export const colour = (emotion) => `var(--${emotion})`;

export const say = (words) => { find("said").textContent = words; };
