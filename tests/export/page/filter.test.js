import assert from "node:assert/strict";
import test from "node:test";
import { applyFilters, facetCounts } from "../../../kg/export/page/js/filter.js";
import { nothing, review } from "./data.js";

const { data, units } = review();
const place = (id) => data.byId[id].place;
const filters = (chosen) => new Map(Object.entries(chosen).map(([id, keys]) => [place(id), new Set(keys)]));

function shown(state) {
  const found = applyFilters(data, units, { ...nothing(), ...state });
  return [[...found.studyShown].join(""), [...found.findingShown].join("")];
}

const counts = (state, id) => [...facetCounts(data, units, applyFilters(data, units, { ...nothing(), ...state }), data.byId[id])];

test("without filters everything is shown", () => {
  assert.deepEqual(shown({}), ["1111", "111111"]);
  assert.equal(applyFilters(data, units, nothing()).active, false);
});

test("a filter of findings keeps findings and the studies that report them", () => {
  assert.deepEqual(shown({ filters: filters({ direction: [1] }) }), ["1010", "010010"]);
});

test("a filter of studies keeps studies with all their findings", () => {
  assert.deepEqual(shown({ filters: filters({ design: [1] }) }), ["1000", "111000"]);
});

test("values of one facet are alternatives, facets must all be met", () => {
  assert.deepEqual(shown({ filters: filters({ direction: [1, 4] }) }), ["1010", "010011"]);
  assert.deepEqual(shown({ filters: filters({ direction: [0], design: [0], outcome: [1] }) }), ["1000", "001000"]);
});

test("a value stands for those below it", () => {
  assert.deepEqual(shown({ filters: filters({ factor: [0] }) }), ["1110", "111101"]);
});

test("what is not coded can be chosen", () => {
  assert.deepEqual(shown({ filters: filters({ design: [5] }) }), ["0001", "000000"]);
  assert.deepEqual(shown({ filters: filters({ outcome: [5] }) }), ["0011", "000010"]);
});

test("a range leaves out what has no number", () => {
  assert.deepEqual(shown({ ranges: new Map([[place("year"), [2015, 2016]]]) }), ["0100", "000100"]);
  assert.deepEqual(shown({ ranges: new Map([[place("year"), [2020, 2010]]]) }), ["0000", "000000"]);
});

test("only what the own tables count", () => {
  assert.deepEqual(shown({ tables: true }), ["1110", "101111"]);
});

test("without a study, a value, a standing", () => {
  assert.deepEqual(shown({ without: [{ study: 0 }] }), ["0111", "000111"]);
  assert.deepEqual(shown({ without: [{ dimension: place("design"), key: 1 }] }), ["0111", "000111"]);
  assert.deepEqual(shown({ without: [{ dimension: "standing", key: "retracted" }] }), ["1011", "111011"]);
  assert.deepEqual(shown({ without: [{ dimension: place("factor"), key: 0 }] }), ["0011", "000010"]);
});

test("a facet says what one would get by a value of it", () => {
  assert.deepEqual(counts({}, "direction").slice(0, 5), [2, 2, 0, 0, 1]);
  for (const id of ["factor", "outcome", "direction", "design", "year"]) {
    counts({ filters: filters({ pole: [1] }) }, id).forEach((n, key) => {
      const found = shown({ filters: filters({ pole: [1], [id]: [key] }) })[0];
      assert.equal([...found].filter((flag) => flag === "1").length, n, `${id} ${key}`);
    });
  }
});

test("the own choice of a facet does not change its numbers", () => {
  assert.deepEqual(counts({ filters: filters({ direction: [4] }) }, "direction"), counts({}, "direction"));
  assert.deepEqual(counts({ filters: filters({ direction: [4] }) }, "factor").slice(0, 4), [1, 0, 0, 0]);
});
