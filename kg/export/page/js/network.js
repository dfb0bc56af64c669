/** The nodes and edges of the graph of what is shown, with computed coordinates, and the paths between them. */
import { page } from "./page.js";
import { nameOf } from "./records.js";
import { state } from "./state.js";

/** Nodes and edges of what is shown, each with `n`, its number of studies; an edge joins a pair for each part. */
export function graphOf() {
  const { map, found } = page;
  const hide = new Set(state.kinds.split(".").filter(Boolean));
  const withStudies = hide.has("studies");
  const nodes = [];
  const known = { row: new Map(), column: new Map(), study: new Map() };
  const node = (kind, key, study) => {
    let place = known[kind].get(key);
    if (place === undefined) {
      known[kind].set(key, place = nodes.length);
      const label = kind === "row" ? map.rows.names[key] : kind === "column" ? map.columns.names[key] : nameOf(key);
      nodes.push({ id: `${kind}.${key}`, kind, key, label, n: 0, last: -1, edges: [] });
    }
    seen(nodes[place], study);
    return place;
  };
  const edges = new Map();
  const parts = map.segments.parts.length + 1;
  const most = map.rows.names.length + map.columns.names.length + page.data.studies.n;
  const link = (from, to, part, study) => {
    const id = (from * most + to) * parts + part;
    let edge = edges.get(id);
    if (!edge) edges.set(id, edge = { from, to, part, n: 0, last: -1 });
    seen(edge, study);
  };
  map.placements.study.forEach((study, n) => {
    if (!found.shown(study, map.placements.finding[n])) return;
    for (const rowKey of map.placements.rows[n]) {
      for (const columnKey of map.placements.columns[n]) {
        const [row, column] = [node("row", rowKey, study), node("column", columnKey, study)];
        for (const segment of map.placements.segments[n]) {
          const part = map.segments.parts[segment].key;
          if (!withStudies) link(row, column, part, study);
          else for (const end of [row, column]) link(node("study", study, study), end, part, study);
        }
      }
    }
  });
  const listed = [...edges.values()].filter((edge) => !hide.has(nodes[edge.from].kind) && !hide.has(nodes[edge.to].kind));
  listed.forEach((edge, n) => { nodes[edge.from].edges.push(n); nodes[edge.to].edges.push(n); });
  return { nodes, edges: listed, hide };
}

/** Counts a study once; placements are in the order of their studies. */
function seen(counted, study) {
  if (counted.last === study) return;
  counted.last = study;
  counted.n++;
}

/** Rows in a column at the left, columns at the right, studies between, each at the mean of what it is linked to. */
export function placed(found, span) {
  const of = (kind) => found.nodes.filter((node) => node.kind === kind && !found.hide.has(kind)).sort((a, b) => b.n - a.n || a.key - b.key);
  const height = Math.max(400, 26 * Math.max(of("row").length, of("column").length));
  for (const [kind, x] of [["row", 0], ["column", span]]) {
    const list = of(kind).sort((a, b) => a.key - b.key);
    list.forEach((node, n) => { node.x = x; node.y = ((n + 0.5) * height) / Math.max(1, list.length); });
  }
  const studies = of("study");
  for (const node of studies) {
    const ends = node.edges.map((edge) => found.nodes[found.edges[edge].to]).filter((end) => end.y !== undefined);
    node.mean = ends.length ? ends.reduce((sum, end) => sum + end.y, 0) / ends.length : height / 2;
  }
  studies.sort((a, b) => a.mean - b.mean || a.key - b.key);
  const lanes = Math.max(1, Math.ceil((studies.length * 9) / height));
  studies.forEach((node, n) => {
    node.x = span * (0.25 + (0.5 * ((n % lanes) + 0.5)) / lanes);
    node.y = ((n + 0.5) * height) / studies.length;
  });
  return { ...found, height, span, visible: found.nodes.filter((node) => node.x !== undefined) };
}

export function shortest({ nodes, edges }, from, to) {
  const before = new Map([[from, -1]]);
  const waiting = [from];
  for (const place of waiting) {
    if (place === to) break;
    for (const n of nodes[place].edges) {
      const next = edges[n].from === place ? edges[n].to : edges[n].from;
      if (before.has(next)) continue;
      before.set(next, place);
      waiting.push(next);
    }
  }
  if (!before.has(to)) return [];
  const found = [];
  for (let place = to; place >= 0; place = before.get(place)) found.unshift(place);
  return found;
}
