/** What the views draw: the data, what is shown of it, and the map that is chosen. */
import { layoutOf, treesOf } from "./axis.js";
import { countCells, placedIn, placementsOf, segmentsOf } from "./cells.js";
import { applyFilters } from "./filter.js";
import { unitsOf } from "./model.js";
import { state } from "./state.js";
import { t } from "./words.js";

/** @type {any} */
export const page = { data: null, units: null, found: null, all: null, kept: null, map: null, words: {}, shapes: {} };

export function start(data) {
  const nothing = { filters: new Map(), ranges: new Map(), text: "", tables: false, without: [] };
  const units = unitsOf(data);
  Object.assign(page, { data, units, words: Object.assign(Object.create(null), data.words), shapes: data.shapes, all: applyFilters(data, units, nothing) });
}

/** What the page calls a dimension: in the words of the review, then of the language, then of the sheet. */
export function labelOf(dimension) {
  const key = `dim_${dimension.id.replace(/ /g, "_")}`;
  const own = dimension.label.replace(/_/g, " ");
  return page.words[dimension.id] ?? (t(key) === key ? own.charAt(0).toUpperCase() + own.slice(1) : t(key));
}

/** What the page calls a value; directions have words of their own. */
export function wordOf(dimension, key) {
  if (dimension.id !== "direction" || !dimension.isCoded(key)) return dimension.names[key];
  return page.words[dimension.values[key]] ?? t(dimension.values[key]);
}

const FILTERS = ["filters", "ranges", "text", "tables", "without"];
let shape = "";

/** Computes again what a change of the state touches. */
export function refresh(changed) {
  const filtered = !page.found || FILTERS.some((name) => changed.has(name));
  if (filtered) {
    page.found = applyFilters(page.data, page.units, state);
    // with a study or value left out, the cells are compared with those of the other filters
    page.kept = state.without.length ? applyFilters(page.data, page.units, { ...state, without: [] }) : null;
  }
  const spec = specOf();
  const wanted = [spec.rows.id, spec.columns.id, spec.parts?.id].join(" ");
  if (wanted !== shape || !page.map) page.map = mapOf(spec);
  const axes = wanted !== shape || ["folds", "sort", "hideEmpty", "transpose"].some((name) => changed.has(name)) || (filtered && needsCounts());
  shape = wanted;
  if (axes) layOut(page.map);
  if (axes || filtered) count(page.map);
}

const needsCounts = () => state.hideEmpty || ["count", "disagreement"].includes(state.sort);

/** The dimensions of the rows, columns and parts: those of the chosen map, unless others are chosen. */
function specOf() {
  const { data } = page;
  const map = data.maps[state.map];
  const chosen = (id, place) => data.byId[id] ?? data.dims[place];
  const [rows, columns] = [chosen(state.rows, map.rows), chosen(state.columns, map.columns)];
  const own = map.segments >= 0 ? data.dims[map.segments] : null;
  const parts = state.parts == null ? own : data.byId[state.parts] ?? null;
  const [across, down] = state.transpose ? [rows, columns] : [columns, rows];
  return { map, rows: down, columns: across, parts, isDeclared: !state.rows && !state.columns };
}

function mapOf({ map, rows, columns, parts, isDeclared }) {
  const { data, units } = page;
  const segments = segmentsOf(parts);
  const placements = placementsOf(data, units, { rows, columns, segments });
  const placed = (lists) => new Set(lists.flat());
  const [inRows, inColumns] = [placed(placements.rows), placed(placements.columns)];
  /** The number of studies that have each value, whether or not they are in a cell. */
  const having = [0, 1].map((side) => {
    const counts = new Map();
    for (const own of placements.tags) for (const key of own[side]) counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts;
  });
  return {
    spec: map, rows, columns, segments, placements, having, isDeclared,
    trees: { row: treesOf(rows, (key) => inRows.has(key)), column: treesOf(columns, (key) => inColumns.has(key)) },
  };
}

/** Lays out rows and columns, and counts the cells without filters: what is a gap, and how large the marks are. */
function layOut(map) {
  const all = (node, of) => node.keys.some((key) => of.has(key));
  const weights = { row: weightsOf(map, "row"), column: weightsOf(map, "column") };
  for (const axis of ["row", "column"]) {
    const having = map.having[axis === "row" ? 0 : 1];
    const dimension = map[`${axis}s`];
    const keep = (node) => (state.hideEmpty ? node.keys.some((key) => weights[axis].studies[key]) : dimension.kind === "concept" || all(node, having));
    map[axis] = layoutOf(dimension, map.trees[axis], axis, { weigh: weigherOf(weights[axis]), keep });
  }
  map.base = countOf(map, page.all);
  map.most = Math.max(10, ...map.base.n);
  map.mostInCell = Math.max(1, ...map.base.total);
}

/** The numbers of studies and of disagreeing studies of each value, as far as they are shown. */
function weightsOf(map, axis) {
  const dimension = map[`${axis}s`];
  const studies = new Uint32Array(dimension.names.length);
  const sides = [new Uint32Array(dimension.names.length), new Uint32Array(dimension.names.length)];
  if (!needsCounts()) return { studies, disagreement: studies };
  const own = Int32Array.from(dimension.names, (_, key) => key);
  const none = new Int32Array(map[axis === "row" ? "columns" : "rows"].names.length);
  const grid = axis === "row" ? countOf(map, page.found, [dimension.names.length, 1], own, none) : countOf(map, page.found, [1, dimension.names.length], none, own);
  studies.set(axis === "row" ? grid.rows : grid.columns);
  const { segments } = map;
  if (segments.isDirection) {
    studies.forEach((_, key) => {
      segments.parts.forEach((part, n) => {
        const side = ["facilitator", "barrier"].indexOf(segments.dimension.values[part.key]);
        if (side >= 0) sides[part.absent ? 1 - side : side][key] += grid.n[key * segments.size + n];
      });
    });
  }
  return { studies, disagreement: sides[0].map((n, key) => Math.min(n, sides[1][key])) };
}

function weigherOf(weights) {
  const sum = (numbers) => (node) => node.keys.reduce((total, key) => total + numbers[key], 0);
  if (state.sort === "name") return (a, b) => a.label.localeCompare(b.label);
  const by = { count: weights.studies, disagreement: weights.disagreement }[state.sort];
  return by ? (a, b) => sum(by)(b) - sum(by)(a) : null;
}

function countOf(map, found, size = [map.row.size, map.column.size], rowOf = map.row.of, columnOf = map.column.of) {
  return countCells(page.data, map.placements, size, map.segments, found.shown, rowOf, columnOf);
}

function count(map) {
  map.grid = page.found.active ? countOf(map, page.found) : map.base;
  map.before = page.kept ? countOf(map, page.kept) : null;
}

/** The placements in the cell of two nodes; a node that is null stands for all of its axis. */
export function placementsIn(row, column, found = page.found) {
  const keys = (node) => (node ? new Set(node.keys) : null);
  return placedIn(page.map.placements, found.shown, keys(row), keys(column));
}
