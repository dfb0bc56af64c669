/** Draws the graph on a canvas: edges by direction and number of studies, nodes by kind, labels. */
import { h } from "./dom.js";
import { page } from "./page.js";
import { state } from "./state.js";

const SHAPE = {
  row: (context, x, y, r) => context.arc(x, y, r, 0, 7),
  column: (context, x, y, r) => context.rect(x - r, y - r, 2 * r, 2 * r),
  study: (context, x, y, r) => { context.moveTo(x, y - r); context.lineTo(x + r, y); context.lineTo(x, y + r); context.lineTo(x - r, y); context.closePath(); },
};
export const radius = (node) => (node.kind === "study" ? 4 : 5 + 2 * Math.sqrt(node.n));


/** Draws the part of a graph that a view `{ x, y, k }` shows; the nodes of a path stand out. Returns the picture. */
export function paintGraph(canvas, graph, view, path) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width) return null;
  const ratio = devicePixelRatio || 1;
  Object.assign(canvas, { width: width * ratio, height: height * ratio });
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const colours = { ink: colour("--ink-1"), soft: colour("--ink-2"), page: colour("--page"), accent: colour("--accent") };
  const context = canvas.getContext("2d");
  context.setTransform(ratio * view.k, 0, 0, ratio * view.k, ratio * view.x, ratio * view.y);
  const focus = graph.nodes.find((node) => node.id === state.focus && node.x !== undefined);
  const near = new Set(path.length ? path : focus ? [focus, ...neighbours(graph, focus)] : []);
  paintEdges(context, graph, near, focus, path, colours);
  paintNodes(context, graph, near, colours, Math.max(0.6, view.k));
  return { x: view.x, y: view.y, image: copyOf(canvas) };
}


function copyOf(source) {
  const copy = h("canvas", { width: source.width, height: source.height });
  copy.getContext("2d").drawImage(source, 0, 0);
  return copy;
}

const neighbours = (graph, node) => node.edges.map((n) => graph.edges[n]).map((edge) => graph.nodes[graph.nodes[edge.from] === node ? edge.to : edge.from]);

function paintEdges(context, graph, near, focus, path, colours) {
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

function paintNodes(context, graph, near, colours, scale) {
  context.font = `${12 / Math.min(1, scale)}px system-ui, sans-serif`; // never smaller than 12 pixels on the screen
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
    const label = node.label.length > 34 ? `${node.label.slice(0, 32)}…` : node.label;
    context.fillText(`${label}${node.kind === "study" ? "" : ` (${node.n})`}`, node.x + (node.kind === "row" ? -1 : 1) * (radius(node) + 6), node.y);
  }
  context.globalAlpha = 1;
}
