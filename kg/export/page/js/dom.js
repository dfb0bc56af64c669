/** Elements. Text is inserted as text, never as markup, and elements are created only here. */

const SVG = new Set(["svg", "g", "path", "rect", "circle", "line", "polyline", "text", "tspan", "title", "desc", "defs", "pattern"]);
const NAMESPACE = "http://www.w3.org/2000/svg";

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/**
 * Creates an element. An attribute that is null or false is left out; one that is a function listens to the event of
 * its name; a property such as `style` is an object.
 */
export function h(name, attributes = {}, ...children) {
  const made = SVG.has(name) ? document.createElementNS(NAMESPACE, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value == null || value === false) continue;
    if (typeof value === "function") made.addEventListener(key, value);
    else if (key === "style") for (const [rule, text] of Object.entries(value)) made.style.setProperty(rule, text);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child != null && child !== false && child !== ""));
  return made;
}

export const hidden = (text) => h("span", { class: "sr" }, text);
export const button = (text, click, attributes = {}) => h("button", { type: "button", click, ...attributes }, text);

/** An option list; `options` are pairs of a value and its text. */
export function select(options, value, change, attributes = {}) {
  const made = h("select", { change: () => change(made.value), autocomplete: "off", dir: "auto", ...attributes },
    options.map(([key, text]) => h("option", { value: key }, text)));
  made.value = String(value);
  return made;
}

/** Says something to screen readers, once. */
export function announce(text) {
  $("#said").textContent = text;
}
