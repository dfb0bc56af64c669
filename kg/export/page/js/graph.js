/**
 * The graph on a canvas: factors and outcomes with an edge for each direction, and the studies behind them on demand.
 * Coordinates are computed, not simulated. While the graph is moved, the last picture is moved.
 */
import { $, announce, button, h, select } from "./dom.js";
import { labelOf, page, wordOf } from "./page.js";
import { nameOf, recordList } from "./records.js";
import { change, state } from "./state.js";
import { count, fold, number, t } from "./words.js";

const KINDS = ["row", "column", "study"];
let canvas;
let graph;
let view = { x: 0, y: 0, k: 1 };
let picture = null;
let colours = {};
let path = [];

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
  return placed({ nodes, edges: listed, hide });
}

/** Counts a study once; placements are in the order of their studies. */
function seen(counted, study) {
  if (counted.last === study) return;
  counted.last = study;
  counted.n++;
}

/** Rows in a column at the left, columns at the right, studies between, each at the mean of what it is linked to. */
function placed(found) {
  const of = (kind) => found.nodes.filter((node) => node.kind === kind && !found.hide.has(kind)).sort((a, b) => b.n - a.n || a.key - b.key);
  const height = Math.max(400, 26 * Math.max(of("row").length, of("column").length));
  for (const [kind, x] of [["row", 0], ["column", 700]]) {
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
    node.x = 180 + (340 * ((n % lanes) + 0.5)) / lanes;
    node.y = ((n + 0.5) * height) / studies.length;
  });
  return { ...found, height, visible: found.nodes.filter((node) => node.x !== undefined) };
}

export function drawGraph() {
  graph = graphOf();
  const { map } = page;
  if (!canvas) build();
  const kinds = { row: labelOf(map.rows), column: labelOf(map.columns), study: t("studies") };
  $("#graph-kinds").replaceChildren(...KINDS.slice(0, 2).map((kind) => toggleOf(kind, t("hide_kind", { kind: kinds[kind] }))), toggleOf("studies", t("show_studies", { n: number(page.found.studies) })));
  const ends = [["", "—"], ...graph.visible.map((node) => [node.id, node.label])];
  $("#graph-path").replaceChildren(h("label", {}, `${t("path_from")} `, select(ends, state.focus, (focus) => change({ focus }))), " ",
    h("label", {}, `${t("path_to")} `, select(ends, "", (to) => showPath(to))));
  $("#graph-size").textContent = t("graph_size", { nodes: graph.visible.length, edges: graph.edges.length });
  const empty = graph.edges.length === 0;
  $("#graph-empty").hidden = !empty;
  fit();
  showFocus();
}

function toggleOf(kind, text) {
  const on = new Set(state.kinds.split(".").filter(Boolean));
  const box = h("input", { type: "checkbox", autocomplete: "off", change: ({ target }) => {
    if (target.checked) on.add(kind);
    else on.delete(kind);
    change({ kinds: [...on].join(".") });
  } });
  box.checked = on.has(kind);
  return h("label", {}, box, ` ${text}`);
}

function build() {
  canvas = h("canvas", { tabindex: 0, role: "application", "aria-label": t("graph_help"), "aria-describedby": "graph-text" });
  const search = h("input", { type: "search", autocomplete: "off", placeholder: t("find_node"), "aria-label": t("find_node"), change: ({ target }) => {
    const wanted = fold(target.value);
    const node = wanted && graph.visible.find((each) => fold(each.label).includes(wanted));
    if (node) change({ focus: node.id });
    else if (wanted) announce(t("no_node", { name: target.value }));
  } });
  $("#graph").replaceChildren(
    h("div", { class: "bar tools" }, h("span", { id: "graph-kinds" }), search, h("span", { id: "graph-path" }), h("span", { class: "actions" }, button("−", () => zoom(1 / 1.4), { "aria-label": t("zoom_out") }), button("+", () => zoom(1.4), { "aria-label": t("zoom_in") }), button(t("fit"), () => { fit(); paint(); }))),
    h("p", { class: "hint", id: "graph-size" }), h("p", { id: "graph-empty", hidden: true }, t("nothing_here")),
    h("div", { class: "graph" }, canvas, h("div", { id: "graph-text", role: "region", "aria-live": "polite", "aria-label": t("graph_text"), tabindex: 0 })));
  let from = null;
  canvas.addEventListener("pointerdown", (event) => { from = { x: event.offsetX, y: event.offsetY, view: { ...view }, moved: false }; canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointermove", (event) => {
    if (!from) return void (canvas.style.cursor = nodeAt(event.offsetX, event.offsetY) ? "pointer" : "grab");
    from.moved ||= Math.hypot(event.offsetX - from.x, event.offsetY - from.y) > 4;
    if (from.moved) moveTo({ ...from.view, x: from.view.x + event.offsetX - from.x, y: from.view.y + event.offsetY - from.y });
  });
  canvas.addEventListener("pointerup", (event) => {
    const node = from && !from.moved && nodeAt(event.offsetX, event.offsetY);
    if (from && !from.moved) change({ focus: node ? node.id : "" });
    else paint();
    from = null;
  });
  canvas.addEventListener("wheel", (event) => { event.preventDefault(); zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, event.offsetX, event.offsetY); }, { passive: false });
  canvas.addEventListener("keydown", onKey);
  new ResizeObserver(() => { if (graph && canvas.clientWidth) { fit(); paint(); } }).observe(canvas);
}

const STEP = 60;

function onKey(event) {
  const list = graph.visible;
  const now = list.findIndex((node) => node.id === state.focus);
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (moves[event.key] && !event.shiftKey) change({ focus: list[(now + moves[event.key] + list.length) % list.length]?.id ?? "" });
  else if (event.key === "Escape") change({ focus: "" });
  else if (event.key === "+" || event.key === "-") zoom(event.key === "+" ? 1.4 : 1 / 1.4);
  else if (event.shiftKey && event.key.startsWith("Arrow")) {
    const [x, y] = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] }[event.key];
    moveTo({ ...view, x: view.x + x, y: view.y + y });
    paint();
  } else return;
  event.preventDefault();
}

function zoom(by, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) {
  const k = Math.min(8, Math.max(0.05, view.k * by));
  view = { k, x: x - ((x - view.x) * k) / view.k, y: y - ((y - view.y) * k) / view.k };
  paint();
}

function fit() {
  const [width, height] = [canvas.clientWidth || 900, canvas.clientHeight || 560];
  const k = Math.min((width - 20) / 1300, Math.max((height - 40) / (graph.height + 20), 0.62));
  view = { k, x: (width - 700 * k) / 2, y: 20 };
}

/** Moves the last picture, at once; it is painted anew when the pointer is let go. */
let asked = false;

function moveTo(next) {
  view = next;
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    if (!picture) return paint();
    const context = canvas.getContext("2d");
    const ratio = devicePixelRatio || 1;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture.image, (view.x - picture.x) * ratio, (view.y - picture.y) * ratio);
  });
}

const SHAPE = {
  row: (context, x, y, r) => context.arc(x, y, r, 0, 7),
  column: (context, x, y, r) => context.rect(x - r, y - r, 2 * r, 2 * r),
  study: (context, x, y, r) => { context.moveTo(x, y - r); context.lineTo(x + r, y); context.lineTo(x, y + r); context.lineTo(x - r, y); context.closePath(); },
};
const radius = (node) => (node.kind === "study" ? 4 : 5 + 2 * Math.sqrt(node.n));

function paint() {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width) return;
  const ratio = devicePixelRatio || 1;
  Object.assign(canvas, { width: width * ratio, height: height * ratio });
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  colours = { ink: colour("--ink-1"), soft: colour("--ink-2"), page: colour("--page"), accent: colour("--accent") };
  const context = canvas.getContext("2d");
  context.setTransform(ratio * view.k, 0, 0, ratio * view.k, ratio * view.x, ratio * view.y);
  const focus = graph.nodes.find((node) => node.id === state.focus && node.x !== undefined);
  const near = new Set(path.length ? path : focus ? [focus, ...neighbours(focus)] : []);
  paintEdges(context, near, focus);
  paintNodes(context, near);
  picture = { x: view.x, y: view.y, image: copyOf(canvas) };
}

function copyOf(source) {
  const copy = h("canvas", { width: source.width, height: source.height });
  copy.getContext("2d").drawImage(source, 0, 0);
  return copy;
}

const neighbours = (node) => node.edges.map((n) => graph.edges[n]).map((edge) => graph.nodes[graph.nodes[edge.from] === node ? edge.to : edge.from]);

function paintEdges(context, near, focus) {
  const { segments } = page.map;
  const marks = getComputedStyle(document.documentElement);
  const colourOf = new Map();
  const many = graph.edges.length > 4000;
  context.globalAlpha = many ? 0.12 : 0.55;
  for (const edge of graph.edges) {
    const [a, b] = [graph.nodes[edge.from], graph.nodes[edge.to]];
    const isNear = near.size && near.has(a) && near.has(b) && (path.length || a === focus || b === focus);
    const value = segments.isDirection ? segments.dimension.values[edge.part] : null;
    if (!colourOf.has(value)) colourOf.set(value, (value && marks.getPropertyValue(`--${value.replace("_", "-")}`).trim()) || colours.soft);
    context.strokeStyle = colourOf.get(value);
    context.globalAlpha = near.size ? (isNear ? 0.95 : 0.06) : many ? 0.12 : 0.55;
    context.setLineDash(value === "barrier" ? [7, 4] : value === "facilitator" || many ? [] : [2, 4]);
    context.lineWidth = many ? 0.6 : Math.min(14, 0.8 + 1.2 * edge.n);
    const bend = (edge.part - 1) * 14; // parallel edges beside each other
    context.beginPath();
    context.moveTo(a.x, a.y);
    if (many) context.lineTo(b.x, b.y);
    else context.bezierCurveTo((a.x + b.x) / 2, a.y + bend, (a.x + b.x) / 2, b.y + bend, b.x, b.y);
    context.stroke();
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
}

function paintNodes(context, near) {
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  for (const node of graph.visible) {
    const dim = near.size && !near.has(node);
    context.globalAlpha = dim ? 0.25 : 1;
    context.beginPath();
    SHAPE[node.kind](context, node.x, node.y, radius(node));
    context.fillStyle = node.id === state.focus ? colours.accent : node.kind === "study" ? colours.soft : colours.ink;
    context.fill();
    if (node.kind === "study" && !(near.size && near.has(node)) ) continue;
    context.fillStyle = colours.ink;
    context.textAlign = node.kind === "row" ? "right" : "left";
    const label = node.label.length > 38 ? `${node.label.slice(0, 36)}…` : node.label;
    context.fillText(`${label}${node.kind === "study" ? "" : ` (${node.n})`}`, node.x + (node.kind === "row" ? -1 : 1) * (radius(node) + 6), node.y);
  }
  context.globalAlpha = 1;
}

function nodeAt(x, y) {
  const [px, py] = [(x - view.x) / view.k, (y - view.y) / view.k];
  return graph.visible.find((node) => Math.hypot(node.x - px, node.y - py) <= radius(node) + 4) ?? null;
}

/** Says in words what the chosen node is linked to, with the findings behind it. */
function showFocus() {
  const node = graph.nodes.find((each) => each.id === state.focus && each.x !== undefined);
  if (!node || (path.length && !path.includes(node))) path = [];
  paint();
  const { segments } = page.map;
  const word = (part) => (segments.dimension ? wordOf(segments.dimension, part) : "");
  if (!node) {
    const strongest = [...graph.edges].sort((a, b) => b.n - a.n).slice(0, 20);
    return void $("#graph-text").replaceChildren(h("h2", {}, t("graph_text")), h("ul", {}, strongest.map((edge) => h("li", {}, `${graph.nodes[edge.from].label} → ${graph.nodes[edge.to].label}: ${count(edge.n)} ${word(edge.part)}`))));
  }
  const links = [...node.edges].map((n) => graph.edges[n]).sort((a, b) => b.n - a.n);
  const pairs = pairsOf(node);
  $("#graph-text").replaceChildren(h("h2", {}, node.label), h("p", { class: "hint" }, count(node.n)),
    path.length ? h("p", {}, `${t("path")}: ${path.map((each) => each.label).join(" → ")}`) : "",
    h("ul", {}, links.slice(0, 40).map((edge) => {
      const other = graph.nodes[graph.nodes[edge.from] === node ? edge.to : edge.from];
      return h("li", {}, button(other.label, () => change({ focus: other.id }), { class: "link" }), ` ${count(edge.n)} ${word(edge.part)}`);
    })), ...recordList(pairs));
}

function pairsOf(node) {
  const { placements } = page.map;
  const pairs = [];
  placements.study.forEach((study, n) => {
    const finding = placements.finding[n];
    const own = node.kind === "study" ? study === node.key : placements[node.kind === "row" ? "rows" : "columns"][n].includes(node.key);
    if (own && page.found.shown(study, finding)) pairs.push([study, finding]);
  });
  return pairs;
}

/** Marks a shortest path from the chosen node to another. */
function showPath(to) {
  const from = graph.nodes.findIndex((node) => node.id === state.focus);
  const end = graph.nodes.findIndex((node) => node.id === to);
  path = from < 0 || end < 0 ? [] : shortest(graph, from, end).map((n) => graph.nodes[n]);
  announce(path.length ? `${t("path")}: ${path.map((node) => node.label).join(" → ")}` : t("no_path"));
  showFocus();
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
