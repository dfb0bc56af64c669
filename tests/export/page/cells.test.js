import assert from "node:assert/strict";
import test from "node:test";
import { apart, countCells, partsOf, placedIn, placementsOf, segmentsOf } from "../../../kg/export/page/js/cells.js";
import { dim, review } from "./data.js";

const all = () => true;
const own = (dimension) => Int32Array.from(dimension.names, (_, key) => (key < dimension.size ? key : -1));

function map(rows, columns, segments, made = review()) {
  const { data, units } = made;
  const chosen = { rows: data.byId[rows], columns: data.byId[columns], segments: segmentsOf(data.byId[segments]) };
  const placements = placementsOf(data, units, chosen);
  const size = [chosen.rows.size, chosen.columns.size];
  const grid = countCells(data, placements, size, chosen.segments, all, own(chosen.rows), own(chosen.columns));
  const parts = (row, column) => partsOf(grid, chosen.segments, row * size[1] + column).map(({ key, absent, n, implied }) => [key, Boolean(absent), n, implied]);
  return { data, placements, grid, parts, ...chosen };
}

test("a study counts once in a cell for each direction, and the absence of a factor is a part of its own", () => {
  const { grid, parts } = map("factor", "outcome", "direction");
  assert.deepEqual([...grid.total], [0, 1, 2, 1, 0, 1, 0, 0]);
  assert.deepEqual(parts(1, 0), [[0, false, 2, 0], [1, true, 1, 0]]);
  assert.deepEqual(parts(1, 1), [[1, true, 1, 0]]);
  assert.deepEqual(parts(0, 1), [[4, false, 1, 0]]);
});

test("totals of rows and columns count each study once", () => {
  const { grid } = map("factor", "outcome", "direction");
  assert.deepEqual([...grid.rows], [1, 2, 1, 0]);
  assert.deepEqual([...grid.columns], [2, 2]);
  assert.equal(grid.placed, 3);
});

test("a pair that a sheet does not state is implied, unless the study has one value of the rows or columns", () => {
  const { parts } = map("factor", "outcome", "direction");
  assert.deepEqual(parts(2, 1), [[0, false, 1, 1]]);
  const simple = review();
  simple.data.findings.implied = [false, false, false, true, false, false];
  assert.deepEqual(map("factor", "outcome", "direction", simple).parts(1, 0)[0], [0, false, 2, 0]);
});

test("a cell is direct if any finding of it is neither joint nor inferred", () => {
  const { grid } = map("factor", "outcome", "direction");
  assert.deepEqual([...grid.direct], [0, 1, 1, 0, 0, 1, 0, 0]);
});

test("a cell knows the standings of its studies", () => {
  const { grid } = map("factor", "outcome", "direction");
  assert.deepEqual([...grid.flagged], [[2, { retracted: 1 }]]);
});

test("a cell whose studies share one sample says which, unless the column has too few values to name samples", () => {
  const sampled = (values, studies) => {
    const { data } = review();
    return map("factor", "outcome", "direction", review({ dims: [...data.dims.map((each) => ({ ...each, studies: [], findings: [], ...RAW[each.id] })), dim("sample", "study", values, { studies })] }));
  };
  const RAW = Object.fromEntries(review().data.dims.map((each) => [each.id, { studies: lists(each.study, 4), findings: lists(each.finding, 6) }]));
  assert.equal(sampled(["Panel A", "Panel B"], [0, 0, 1, 1]).grid.sample[2], 0); // studies a and b
  assert.equal(sampled(["Panel A", "Panel B"], [0, 1, 1, 1]).grid.sample[2], -2);
  assert.equal(sampled(["articles"], [0, 0, 0, 0]).grid.sample[2], -2);
});

/** The keys of each place, as lists. */
function lists(columns, n) {
  return Array.from({ length: n }, (_, place) => [...columns.keys.subarray(columns.at[place], columns.at[place + 1])]);
}

test("rows of studies: several values of both axes are implied pairs", () => {
  const made = review({ dims: [
    dim("evidence", "study", ["x", "y"], { studies: [[0, 1], 0, [0, 1], null] }),
    dim("domain", "study", ["p", "q"], { studies: [[0, 1], 0, 1, 0] }),
  ] });
  const { grid, parts } = map("evidence", "domain", "none", made);
  assert.deepEqual([...grid.total], [2, 2, 1, 2]);
  assert.deepEqual([parts(0, 0), parts(0, 1), parts(1, 1)], [[[0, false, 2, 1]], [[0, false, 2, 1]], [[0, false, 2, 1]]]);
});

test("segments of a facet of studies have a part for what is not coded", () => {
  const { parts } = map("factor", "outcome", "design");
  assert.deepEqual(parts(1, 0), [[0, false, 2, 0], [1, false, 1, 0]]);
  assert.deepEqual(parts(0, 1), [[4, false, 1, 0]]);
});

test("the placements in a cell are those of its keys that are shown", () => {
  const { placements } = map("factor", "outcome", "direction");
  const at = placedIn(placements, (study) => study !== 1, new Set([1]), new Set([0]));
  assert.deepEqual(at.map((n) => [placements.study[n], placements.finding[n]]), [[0, 0], [0, 1]]);
  assert.equal(placedIn(placements, all, null, null).length, 5);
});

test("implied studies stand apart from the others of a part", () => {
  assert.deepEqual(apart([{ key: 0, n: 3, implied: 1 }, { key: 1, n: 2, implied: 0 }, { key: 2, n: 1, implied: 1 }]), [
    { key: 0, n: 2, implied: 0 }, { key: 0, n: 1, implied: 1 }, { key: 1, n: 2, implied: 0 }, { key: 2, n: 1, implied: 1 },
  ]);
});
