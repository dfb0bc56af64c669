/** The words of the page, in its language; they come from one file for each language. */
import { $ } from "./dom.js";

/** @type {Record<string, string>} */
let words = {};
let plural = new Intl.PluralRules("en");
let numbers = new Intl.NumberFormat("en");

export function speak(catalogue, language) {
  words = catalogue;
  plural = new Intl.PluralRules(language);
  numbers = new Intl.NumberFormat(language);
}

/** The text of a key with `{name}` replaced. */
export function t(key, values = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? number(values[name]) : values[name] ?? ""));
}

export const number = (n) => numbers.format(n);

/** "1 study", "2 studies": the key has a form for each plural, such as `study_one` and `study_other`. */
export const count = (n, key = "study") => t(`${key}_${plural.select(n)}` in words ? `${key}_${plural.select(n)}` : `${key}_other`, { n });

/** Text without marks and case, as search and file names compare it. */
export const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** A name for files and addresses: letters and digits joined by hyphens. */
export const slug = (text) => fold(String(text)).replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");

/** A list such as "a, b and c". */
export const listed = (parts) => new Intl.ListFormat($("html").lang || "en").format(parts);
