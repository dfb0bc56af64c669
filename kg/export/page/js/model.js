/** The data of the page: columns of studies and findings, and the values of each in every dimension. */
import { slug, t } from "./words.js";

/** The lists of keys of each place, in two arrays: those of place n are keys[at[n]] to keys[at[n + 1]]. */
function lists(columns, n) {
  const at = new Uint32Array(n + 1);
  const keys = [];
  for (let place = 0; place < n; place++) {
    const own = columns[place];
    if (Array.isArray(own)) keys.push(...own);
    else if (own != null) keys.push(own);
    at[place + 1] = keys.length;
  }
  return { at, keys: Int32Array.from(keys) };
}

export const has = (own, place) => own.at[place + 1] > own.at[place];
export const keysOf = (own, place) => own.keys.subarray(own.at[place], own.at[place + 1]);

/** A vocabulary or facet. A key is the place of a value, or after them of a status such as "not reported". */
class Dimension {
  constructor(raw, place, studies, findings) {
    Object.assign(this, raw);
    this.place = place;
    this.size = raw.values.length;
    this.ofFindings = raw.of === "finding";
    this.study = lists(raw.studies, studies);
    this.finding = lists(raw.findings, findings);
    /** @type {Map<number, number[]>} */
    this.children = undefined;
    this.parents = raw.parents;
    this.slugs = unique([...raw.values, ...raw.statuses].map(slug));
    /** What the page calls each key. */
    const status = (name) => (raw.kind === "concept" ? t("none") : name); // as in kg/query/dimensions.py
    this.names = [...raw.values.map(String), ...raw.statuses.map(status)];
    this.missing = this.size + raw.statuses.indexOf("not extracted");
  }

  isCoded(key) {
    return key < this.size;
  }

  /** A value and everything below it. */
  below(key) {
    this.children ??= childrenOf(this);
    return [key, ...(this.children.get(key) ?? []).flatMap((child) => this.below(child))];
  }
}

function childrenOf(dimension) {
  const found = new Map();
  dimension.parents.forEach((parent, key) => {
    if (parent >= 0) found.set(parent, [...(found.get(parent) ?? []), key]);
  });
  return found;
}

function unique(names) {
  const seen = new Map();
  return names.map((name) => {
    const n = (seen.get(name) ?? 0) + 1;
    seen.set(name, n);
    return n === 1 ? name : `${name}-${n}`;
  });
}

/** The data of the page with its numbers in typed arrays. Findings are in the order of their studies. */
export function model(raw) {
  const studies = { n: raw.studies.id.length, ...raw.studies };
  const findings = { n: raw.findings.study.length, ...raw.findings };
  findings.study = Int32Array.from(raw.findings.study);
  const first = new Uint32Array(studies.n + 1); // the findings of study s are first[s] to first[s + 1]
  for (const study of findings.study) first[study + 1]++;
  for (let study = 0; study < studies.n; study++) first[study + 1] += first[study];
  const dims = raw.dims.map((each, place) => new Dimension(each, place, studies.n, findings.n));
  const byId = Object.create(null); // a facet may be called "constructor"
  for (const dimension of dims) byId[dimension.id] = dimension;
  return { ...raw, studies, findings, first, dims, byId, samples: samplesOf(byId.sample) };
}

/** The samples of the studies; a column of that name with few values says what was sampled, and names no sample. */
function samplesOf(dimension) {
  if (!dimension) return null;
  return 2 * dimension.size >= dimension.study.keys.filter((key) => dimension.isCoded(key)).length ? dimension : null;
}

/** Reads the data in the page, which is compressed when it is large. */
export async function load(element) {
  if (element.type === "application/json") return model(JSON.parse(element.textContent));
  const bytes = Uint8Array.from(atob(element.textContent.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return model(await new Response(stream).json());
}

/**
 * What is filtered and counted: every finding, and every study that has no finding or whose own values none of its
 * findings has. A finding has the values of its study where a facet is of studies.
 */
export function unitsOf(data) {
  const study = [];
  const finding = [];
  for (let s = 0; s < data.studies.n; s++) {
    for (let f = data.first[s]; f < data.first[s + 1]; f++) {
      study.push(s);
      finding.push(f);
    }
    study.push(s);
    finding.push(-1);
  }
  return { n: study.length, study: Int32Array.from(study), finding: Int32Array.from(finding), keys: new Map() };
}

/** The keys of all units in one dimension. */
export function unitKeys(data, units, dimension) {
  const known = units.keys.get(dimension);
  if (known) return known;
  const made = [];
  for (let unit = 0; unit < units.n; unit++) made.push(keysOfUnit(data, dimension, units.study[unit], units.finding[unit]));
  const found = lists(made, units.n);
  units.keys.set(dimension, found);
  return found;
}

function keysOfUnit(data, dimension, study, finding) {
  if (finding >= 0) {
    if (has(dimension.finding, finding)) return [...keysOf(dimension.finding, finding)];
    return dimension.ofFindings || !has(dimension.study, study) ? [dimension.missing] : [...keysOf(dimension.study, study)];
  }
  const own = [...keysOf(dimension.study, study)];
  if (!dimension.ofFindings || data.first[study] === data.first[study + 1]) return own.length ? own : [dimension.missing];
  const said = new Set();
  for (let f = data.first[study]; f < data.first[study + 1]; f++) for (const key of keysOf(dimension.finding, f)) said.add(key);
  const rest = own.filter((key) => dimension.isCoded(key) && !said.has(key));
  return rest.length ? rest : [dimension.missing];
}
