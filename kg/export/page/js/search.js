/** Search over everything that the page shows of a study or a finding, and the words found, marked. */
import { h } from "./dom.js";
import { keysOf, unitKeys } from "./model.js";
import { fold } from "./words.js";

/** The words and "phrases" of a query, folded. */
export const termsOf = (text) => [...fold(text).matchAll(/"([^"]+)"|(\S+)/g)].map((match) => (match[1] ?? match[2]).replace(/"/g, "")).filter(Boolean);

let cache;

function haystacks(data) {
  if (cache?.data === data) return cache;
  const { studies, findings } = data;
  const join = (columns, n) => fold(columns.map((column) => column?.[n]).filter((each) => each != null).join(" \n "));
  const ofStudy = [studies.label, studies.short, studies.title, studies.authors, studies.year, studies.doi, studies.standing_said, studies.reports,
    ...data.texts.map((text) => text.studies)];
  const ofFinding = [findings.note, findings.locator, findings.file, findings.coder];
  cache = {
    data,
    studies: Array.from({ length: studies.n }, (_, n) => join(ofStudy, n)),
    findings: Array.from({ length: findings.n }, (_, n) => join(ofFinding, n)),
    labels: data.dims.map((dimension) => dimension.values.map((value) => fold(String(value)))),
  };
  return cache;
}

/** A function that tells whether a unit has every term: in its texts or in the name of one of its values. */
export function matcher(data, units, text) {
  const { studies, findings, labels } = haystacks(data);
  const terms = termsOf(text).map((term) => {
    const inValues = data.dims.map((dimension, n) => {
      const keys = new Set(labels[n].flatMap((label, key) => (label.includes(term) ? dimension.below(key) : [])));
      return keys.size ? [unitKeys(data, units, dimension), keys] : null;
    }).filter(Boolean);
    const inStudy = studies.map((hay) => hay.includes(term));
    return { term, inValues, inStudy };
  });
  return (unit) => terms.every(({ term, inValues, inStudy }) => inStudy[units.study[unit]]
    || (units.finding[unit] >= 0 && findings[units.finding[unit]].includes(term))
    || inValues.some(([own, keys]) => keysOf(own, unit).some((key) => keys.has(key))));
}

/** A text with the found words in `mark` elements. */
export function marked(text, terms) {
  if (text == null || !terms.length) return text;
  const string = String(text);
  const folded = [];
  const origin = [];
  [...string].reduce((at, character) => {
    for (const each of fold(character).split("")) {
      folded.push(each);
      origin.push(at);
    }
    return at + character.length;
  }, 0);
  const hay = folded.join("");
  const hits = terms.flatMap((term) => {
    const found = [];
    for (let at = hay.indexOf(term); at >= 0; at = hay.indexOf(term, at + term.length)) found.push([at, at + term.length]);
    return found;
  }).sort((a, b) => a[0] - b[0]);
  const parts = [];
  let done = 0;
  for (const [from, to] of hits) {
    const start = origin[from];
    const end = to < origin.length ? origin[to] : string.length;
    if (start < done) continue;
    parts.push(string.slice(done, start), h("mark", {}, string.slice(start, end)));
    done = end;
  }
  return [...parts, string.slice(done)];
}
