/**
 * Filters. Values of one facet are alternatives, different facets must all be met. A condition on a facet of findings
 * keeps findings and the studies that report them; one on a facet of studies keeps studies with all their findings.
 */
import { keysOf, unitKeys } from "./model.js";
import { matcher } from "./search.js";

/**
 * What is shown. `state` has `filters` (place of a dimension -> set of keys), `ranges` (place -> [from, to]), `text`,
 * `tables` and `without` (`{ dimension, key }` or `{ study }`).
 */
export function applyFilters(data, units, state) {
  const tests = testsOf(data, units, state);
  const fails = new Uint8Array(units.n);
  const failing = new Int16Array(units.n).fill(-1);
  const ofFindings = tests.some((test) => test.ofFindings);
  tests.forEach((test, number) => {
    for (let unit = 0; unit < units.n; unit++) {
      if (!test.passes(unit)) {
        fails[unit]++;
        failing[unit] = number;
      }
    }
  });
  const studyShown = new Uint8Array(data.studies.n);
  const findingShown = new Uint8Array(data.findings.n);
  const usable = usableUnits(data, units, tests, ofFindings);
  for (let unit = 0; unit < units.n; unit++) {
    if (fails[unit] || !usable[unit]) continue;
    studyShown[units.study[unit]] = 1;
    if (units.finding[unit] >= 0) findingShown[units.finding[unit]] = 1;
  }
  const sum = (flags) => flags.reduce((a, b) => a + b, 0);
  const found = {
    studyShown, findingShown, ofFindings, tests, fails, failing, usable,
    studies: sum(studyShown), findings: sum(findingShown), active: tests.length > 0,
  };
  /** Whether a finding is shown, or a study where the finding is -1. */
  found.shown = (study, finding) => (finding >= 0 ? findingShown[finding] === 1
    : studyShown[study] === 1 && (!ofFindings || data.first[study] === data.first[study + 1]));
  return found;
}

/** The unit of a study beside its findings speaks only for what none of its findings has. */
function usableUnits(data, units, tests, ofFindings) {
  const usable = new Uint8Array(units.n);
  for (let unit = 0; unit < units.n; unit++) {
    const study = units.study[unit];
    const only = units.finding[unit] < 0 && data.first[study] < data.first[study + 1];
    usable[unit] = !only || (ofFindings && tests.some((test) => test.speaks?.(unit))) ? 1 : 0;
  }
  return usable;
}

/** @typedef {{ dimension?: number, range?: boolean, text?: boolean, without?: boolean, ofFindings: boolean, passes: (unit: number) => boolean, speaks?: (unit: number) => boolean }} Test */

/** @returns {Test[]} */
function testsOf(data, units, state) {
  const tests = [];
  for (const [place, chosen] of state.filters) {
    if (!chosen.size) continue;
    const dimension = data.dims[place];
    const wanted = new Set([...chosen].flatMap((key) => (dimension.isCoded(key) ? dimension.below(key) : [key])));
    const own = unitKeys(data, units, dimension);
    tests.push({
      dimension: place, ofFindings: dimension.ofFindings,
      passes: (unit) => some(own, unit, (key) => wanted.has(key)),
      speaks: dimension.ofFindings ? (unit) => some(own, unit, (key) => dimension.isCoded(key)) : undefined,
    });
  }
  for (const [place, [from, to]] of state.ranges) {
    const dimension = data.dims[place];
    const own = unitKeys(data, units, dimension);
    const within = (key) => dimension.isCoded(key) && dimension.values[key] >= from && dimension.values[key] <= to;
    tests.push({ dimension: place, range: true, ofFindings: dimension.ofFindings, passes: (unit) => some(own, unit, within) });
  }
  if (state.tables && data.findings.tabulated) {
    tests.push({ ofFindings: true, passes: (unit) => data.findings.tabulated[units.finding[unit]] === true });
  }
  if (state.text) {
    const matches = matcher(data, units, state.text);
    tests.push({ ofFindings: false, text: true, passes: matches });
  }
  for (const without of state.without) tests.push(withoutTest(data, units, without));
  return tests;
}

function withoutTest(data, units, { dimension: place, key, study }) {
  if (study != null) return { without: true, ofFindings: false, passes: (unit) => units.study[unit] !== study };
  if (place === "standing") return { without: true, ofFindings: false, passes: (unit) => data.studies.standing?.[units.study[unit]] !== key };
  const dimension = data.dims[place];
  const own = unitKeys(data, units, dimension);
  const gone = new Set(dimension.isCoded(key) ? dimension.below(key) : [key]);
  return { without: true, ofFindings: dimension.ofFindings, passes: (unit) => !some(own, unit, (each) => gone.has(each)) };
}

function some(lists, place, test) {
  for (let at = lists.at[place]; at < lists.at[place + 1]; at++) if (test(lists.keys[at])) return true;
  return false;
}

/** The number of studies with each key of a dimension, were it chosen: what the other filters leave. */
export function facetCounts(data, units, found, dimension) {
  const own = unitKeys(data, units, dimension);
  const counts = new Uint32Array(dimension.names.length);
  const last = new Int32Array(counts.length).fill(-1);
  const number = found.tests.findIndex((test) => test.dimension === dimension.place);
  for (let unit = 0; unit < units.n; unit++) {
    if (found.fails[unit] > 1 || (found.fails[unit] === 1 && found.failing[unit] !== number)) continue;
    const study = units.study[unit];
    if (units.finding[unit] < 0 && data.first[study] < data.first[study + 1]) {
      if (!dimension.ofFindings || !some(own, unit, (key) => dimension.isCoded(key))) continue;
    }
    for (const key of keysOf(own, unit)) {
      for (let up = key; up >= 0; up = dimension.parents[up] ?? -1) {
        if (last[up] === study) continue;
        last[up] = study;
        counts[up]++;
      }
    }
  }
  return counts;
}
