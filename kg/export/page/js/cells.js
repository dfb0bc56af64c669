/**
 * The cells of a map. A placement is a study in a cell; it is paired where the study is known to have examined the
 * pair, and implied otherwise, by the same rule as in kg/query/maps.py.
 */
import { has, keysOf, unitKeys } from "./model.js";

const OPPOSITES = ["facilitator", "barrier"];

/** The values that a study and its findings have, without statuses where there are values. */
function merged(data, dimension, study) {
  const found = new Set(keysOf(dimension.study, study));
  for (let f = data.first[study]; f < data.first[study + 1]; f++) for (const key of keysOf(dimension.finding, f)) found.add(key);
  const coded = [...found].filter((key) => dimension.isCoded(key));
  return coded.length ? coded : [...found];
}

/** What parts of a cell are called, with shape and colour where they are directions; `keys` numbers those of a unit. */
export function segmentsOf(dimension) {
  if (!dimension) return { size: 1, dimension: null, names: [""], parts: [{ key: 0 }] };
  const isDirection = dimension.id === "direction";
  const parts = [];
  dimension.names.forEach((_, key) => {
    parts.push({ key, absent: false });
    if (isDirection) parts.push({ key, absent: true });
  });
  return { size: parts.length, dimension, parts, isDirection };
}

function segmentKey(data, segments, key, unitFinding) {
  if (!segments.isDirection) return key;
  const { pole } = data.byId;
  const absent = pole && unitFinding >= 0 && OPPOSITES.includes(segments.dimension.values[key])
    && keysOf(pole.finding, unitFinding).some((each) => pole.values[each] === "absence");
  return 2 * key + (absent ? 1 : 0);
}

/** The placements of a map: units with the keys of their rows, columns and segments. */
export function placementsOf(data, units, { rows, columns, segments }) {
  const ofFindings = [rows, columns, segments.dimension].some((dimension) => dimension?.ofFindings);
  const found = { study: [], finding: [], rows: [], columns: [], segments: [], paired: [] };
  const coded = (dimension, keys) => keys.filter((key) => dimension.isCoded(key));
  const simple = new Uint8Array(data.studies.n);
  const tags = [];
  for (let study = 0; study < data.studies.n; study++) {
    const own = [rows, columns].map((dimension) => coded(dimension, merged(data, dimension, study)));
    tags.push(own);
    simple[study] = own[0].length < 2 || own[1].length < 2 ? 1 : 0;
  }
  const place = (study, finding, rowKeys, columnKeys, segmentKeys, paired) => {
    if (!rowKeys.length || !columnKeys.length) return;
    found.study.push(study);
    found.finding.push(finding);
    found.rows.push(rowKeys);
    found.columns.push(columnKeys);
    found.segments.push(segments.dimension ? [...new Set(segmentKeys.map((key) => segmentKey(data, segments, key, finding)))] : [0]);
    found.paired.push(paired || simple[study] === 1);
  };
  if (!ofFindings) {
    for (let study = 0; study < data.studies.n; study++) {
      place(study, -1, ...tags[study], segments.dimension ? merged(data, segments.dimension, study) : [], false);
    }
    return { ...found, tags };
  }
  const dimensions = [rows, columns, segments.dimension].filter(Boolean);
  const keys = new Map(dimensions.map((dimension) => [dimension, unitKeys(data, units, dimension)]));
  for (let unit = 0; unit < units.n; unit++) {
    const [study, finding] = [units.study[unit], units.finding[unit]];
    const own = dimensions.map((dimension) => [...keysOf(keys.get(dimension), unit)]);
    const hasFindings = data.first[study] < data.first[study + 1];
    const says = (dimension, n) => dimension.ofFindings && own[n].some((key) => dimension.isCoded(key));
    if (finding < 0 && hasFindings && !dimensions.some(says)) continue;
    const stated = finding >= 0 && !data.findings.implied?.[finding]
      && has(rows.finding, finding) && has(columns.finding, finding);
    place(study, finding, coded(rows, own[0]), coded(columns, own[1]), own[2] ?? [], stated);
  }
  return { ...found, tags };
}

/**
 * Counts the studies in each cell of a grid. `rowOf` and `columnOf` give the row and column that a key is drawn in, or
 * -1; several keys may share one. The placements of one study follow each other, so the last study tells a new one.
 */
export function countCells(data, placements, size, segments, shown, rowOf, columnOf) {
  const [height, width] = size;
  const cells = height * width;
  const grid = {
    height, width, segments: segments.size,
    n: new Uint32Array(cells * segments.size), implied: new Uint32Array(cells * segments.size),
    total: new Uint32Array(cells), rows: new Uint32Array(height), columns: new Uint32Array(width),
    direct: new Uint8Array(cells), flagged: new Map(), lone: new Int32Array(cells), sample: new Int32Array(cells).fill(-1), placed: 0,
  };
  const last = (length) => new Int32Array(length).fill(-1);
  const [inCell, inPart, inRow, inColumn, pairedIn] = [last(cells), last(grid.n.length), last(height), last(width), last(cells)];
  const standing = data.studies.standing ?? [];
  const { study: studies, finding: findings } = placements;
  const certainty = data.findings.certainty ?? [];
  for (let start = 0; start < studies.length;) {
    const study = studies[start];
    let end = start;
    while (end < studies.length && studies[end] === study) end++;
    const visible = [];
    for (let at = start; at < end; at++) if (shown(study, findings[at])) visible.push(at);
    for (const at of visible) if (placements.paired[at]) eachCell(placements, at, rowOf, columnOf, width, (cell) => { pairedIn[cell] = study; });
    if (visible.length) grid.placed++;
    for (const at of visible) {
      eachCell(placements, at, rowOf, columnOf, width, (cell, row, column) => {
        if (inRow[row] !== study) { inRow[row] = study; grid.rows[row]++; }
        if (inColumn[column] !== study) { inColumn[column] = study; grid.columns[column]++; }
        if (inCell[cell] !== study) {
          inCell[cell] = study;
          grid.total[cell]++;
          grid.lone[cell] = study;
          const own = sampleOf(data, study); // -2 where several samples, or a study without one, are in the cell
          grid.sample[cell] = grid.total[cell] === 1 || grid.sample[cell] === own ? own : -2;
          if (standing[study]) flag(grid.flagged, cell, standing[study]);
        }
        if (findings[at] < 0 || !certainty[findings[at]]) grid.direct[cell] = 1;
        for (const segment of placements.segments[at]) {
          const part = cell * segments.size + segment;
          if (inPart[part] === study) continue;
          inPart[part] = study;
          grid.n[part]++;
          if (pairedIn[cell] !== study) grid.implied[part]++;
        }
      });
    }
    start = end;
  }
  return grid;
}

/** The sample of a study, or -2 where it names none or several. */
function sampleOf({ samples }, study) {
  if (!samples) return -2;
  const own = keysOf(samples.study, study);
  return own.length === 1 && samples.isCoded(own[0]) ? own[0] : -2;
}

function eachCell(placements, at, rowOf, columnOf, width, act) {
  for (const rowKey of placements.rows[at]) {
    const row = rowOf[rowKey];
    if (row < 0) continue;
    for (const columnKey of placements.columns[at]) {
      const column = columnOf[columnKey];
      if (column >= 0) act(row * width + column, row, column);
    }
  }
}

function flag(flagged, cell, standing) {
  const counts = flagged.get(cell) ?? {};
  counts[standing] = (counts[standing] ?? 0) + 1;
  flagged.set(cell, counts);
}

/** The parts of a cell that have a study: `[{ key, absent, n, implied }]`, in the order of their segments. */
export function partsOf(grid, segments, cell) {
  const found = [];
  for (let segment = 0; segment < segments.size; segment++) {
    const at = cell * segments.size + segment;
    if (grid.n[at]) found.push({ ...segments.parts[segment], n: grid.n[at], implied: grid.implied[at] });
  }
  return found;
}

/** The parts with those studies apart that are only implied: a part that has both kinds is two. */
export const apart = (parts) => parts.flatMap((part) => [{ ...part, n: part.n - part.implied, implied: 0 }, { ...part, n: part.implied }].filter(({ n }) => n));

/** The placements in some rows and columns, given as sets of keys; null stands for all. */
export function placedIn(placements, shown, rowKeys, columnKeys) {
  const found = [];
  for (let at = 0; at < placements.study.length; at++) {
    if (rowKeys && !placements.rows[at].some((key) => rowKeys.has(key))) continue;
    if (columnKeys && !placements.columns[at].some((key) => columnKeys.has(key))) continue;
    if (shown(placements.study[at], placements.finding[at])) found.push(at);
  }
  return found;
}
