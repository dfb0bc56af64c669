/**
 * The graph: factors and outcomes with an edge for each direction, and the studies behind them on demand. While it is
 * moved, the last picture is moved.
 */
import { paintGraph, radius } from "./canvas.js";
import { $, announce, button, h, select } from "./dom.js";
import { graphOf, placed, shortest } from "./network.js";
import { labelOf, page, wordOf } from "./page.js";
import { recordList } from "./records.js";
import { change, state } from "./state.js";
import { count, fold, number, t } from "./words.js";

const KINDS = ["row", "column", "study"];
/** With more nodes than this, the ends of a path are chosen among rows and columns only. */
const MANY = 1000;
/** The scale at first, and the width in pixels that is left for labels on both sides. */
const [SCALE, LABELS] = [0.75, 500];
let canvas;
let graph;
let view = { x: 0, y: 0, k: 1 };
let picture = null;
let path = [];

export function drawGraph() {
  const { map } = page;
  if (!canvas) build();
  graph = placed(graphOf(), Math.max(260, (canvas.clientWidth - LABELS) / SCALE));
  const kinds = { row: labelOf(map.rows), column: labelOf(map.columns), study: t("studies") };
  $("#graph-kinds").replaceChildren(...KINDS.slice(0, 2).map((kind) => toggleOf(kind, t("hide_kind", { kind: kinds[kind] }))), toggleOf("studies", t("show_studies", { n: number(page.found.studies) })));
  const listed = graph.visible.length > MANY ? graph.visible.filter((node) => node.kind !== "study" || node.id === state.focus) : graph.visible;
  const ends = [["", "—"], ...listed.map((node) => [node.id, node.label])];
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
  view = { k: SCALE, x: ((canvas.clientWidth || 900) - graph.span * SCALE) / 2, y: 20 };
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

function paint() {
  picture = paintGraph(canvas, graph, view, path) ?? picture;
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
