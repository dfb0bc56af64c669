import assert from "node:assert/strict";
import test from "node:test";
import { marked, matcher, termsOf } from "../../../kg/export/page/js/search.js";
import { review } from "./data.js";

const { data, units } = review();

/** The studies of which a unit matches. */
function found(text) {
  const matches = matcher(data, units, text);
  return [...new Set([...units.study.keys()].filter(matches).map((unit) => data.studies.id[units.study[unit]]))].join("");
}

// elements, as far as a text with marks needs them
globalThis.document = {
  createElement: (name) => ({ name, text: "", setAttribute() {}, append(...texts) { this.text += texts.join(""); } }),
};
const shown = (text, query) => marked(text, termsOf(query)).map((part) => (typeof part === "string" ? part : `[${part.text}]`)).join("");

test("words and phrases, folded", () => {
  assert.deepEqual(termsOf('  Café "Role  Autonomy" x'), ["cafe", "role  autonomy", "x"]);
  assert.deepEqual(termsOf('"" "'), []);
});

test("a term is found in texts of studies and findings, without accents and case", () => {
  assert.equal(found("muller"), "a");
  assert.equal(found("CAFE"), "c");
  assert.equal(found("elan"), "d");
  assert.equal(found('"grant 1"'), "a");
});

test("a term is found in the names of values, and those stand for what is below them", () => {
  assert.equal(found("survey"), "ab");
  assert.equal(found("work"), "abc");
  assert.equal(found("2015"), "b");
});

test("every term must be found, in one finding and its study", () => {
  assert.equal(found("pay joy"), "a");
  assert.equal(found("self cafe"), "c");
  assert.equal(found("self joy nothing"), "");
});

test("found words are marked as they are written", () => {
  assert.equal(shown("A Café, cafe\u0301 and CAFE", "cafe"), "A [Café], [cafe\u0301] and [CAFE]");
  assert.equal(shown("aaa", "aa"), "[aa]a");
  assert.equal(shown("one two", "two one"), "[one] [two]");
  assert.equal(shown("İstanbul ﬁne 😀x", "x"), "İstanbul ﬁne 😀[x]");
  assert.deepEqual(marked(null, ["x"]), null);
  assert.equal(marked("x", []), "x");
});
