/** Figures of what is shown, drawn as SVG without style sheets, so that a saved file looks as on the page. */
import { apart, partsOf } from "./cells.js";
import { $, button, h, select } from "./dom.js";
import { savePng, saveSvg } from "./download.js";
import { ABSENT, partName } from "./marks.js";
import { citationParts, flowParts } from "./flow.js";
import { labelOf, page } from "./page.js";
import { copy } from "./records.js";
import { GREY, INK, TEXT } from "./svg.js";
import { tabulate } from "./tables.js";
import { change, state } from "./state.js";
import { count, t } from "./words.js";

const LINE = "#c9ced6";
const WIDTH = 720;
const colourOf = (direction) => getComputedStyle(document.documentElement).getPropertyValue(`--${direction.replace("_", "-")}`).trim() || GREY;

const text = (x, y, content, more = {}) => h("text", { ...TEXT, x, y, ...more }, content);
const cut = (label, most) => (label.length > most ? `${label.slice(0, most - 1)}…` : label);

/** Figure -> what draws it: an SVG, with its width and height. */
const FIGURES = { map: gapMap, counts: diverging, years: () => bars("year"), facet: () => bars(state.by || "design"), upset, citations: () => fixed(citationParts()), flow: () => fixed(flowParts()) };

const fixed = ({ width, height, parts }) => svgOf(width, height, parts);

/** Whether the data has what a figure shows. */
function isThere(name) {
  const { byId, cites, flow } = page.data;
  if (name === "years") return Boolean(byId.year);
  return name === "citations" ? cites?.length > 0 : name === "flow" ? Boolean(flow) : true;
}

export function drawFigures() {
  const { data } = page;
  const name = Object.hasOwn(FIGURES, state.figure) ? state.figure : "map";
  const svg = FIGURES[name]();
  const caption = captionOf(name);
  const title = t(`figure_${name}`);
  const facets = data.dims.filter((dimension) => dimension.size && dimension.kind !== "number" && dimension.id !== "year").map((dimension) => [dimension.id, labelOf(dimension)]);
  const choices = Object.keys(FIGURES).filter(isThere).map((each) => [each, t(`figure_${each}`)]);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", caption);
  $("#figures").replaceChildren(h("div", { class: "bar" }, h("p", {}, select(choices, name, (figure) => change({ figure }), { "aria-label": t("view_figures") }), " ",
    name === "facet" ? select(facets, state.by || "design", (by) => change({ by }), { "aria-label": t("facet") }) : null),
  h("p", { class: "actions" }, button("SVG", () => saveSvg(title, svg)), button("PNG", () => savePng(title, svg)))),
  h("div", { class: "scroll paper" }, svg), h("p", { class: "caption" }, caption), h("p", { class: "actions" }, button(t("copy_caption"), () => copy(caption))));
}

/** What a caption says: the figure, the numbers, the filters and the data. */
function captionOf(name) {
  const { data, found, map } = page;
  const filters = [...document.querySelectorAll("#chips .chip")].map((chip) => chip.firstChild.textContent.trim());
  const detail = { map: t("map_caption", { rows: labelOf(map.rows), columns: labelOf(map.columns) }) }[name] ?? t(`figure_${name}`);
  return [`${detail}.`, `${data.meta.title}.`, `${count(found.studies)}, ${count(found.findings, "finding")}.`, filters.length ? `${t("filters")}: ${filters.join("; ")}.` : "",
    data.meta.search_date ? t("searched", { date: data.meta.search_date }) : "", t("data_hash", { hash: (data.meta.data_sha256 ?? "").slice(0, 12) })].filter(Boolean).join(" ");
}

function svgOf(width, height, ...children) {
  return h("svg", { direction: "ltr", xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` }, h("rect", { width, height, fill: "#fff" }), ...children);
}

function legend(items, y) {
  let x = 10;
  return items.map(([shape, label]) => {
    const group = h("g", { transform: `translate(${x} ${y})` }, shape, text(22, 12, label));
    x += 40 + label.length * 6;
    return group;
  });
}

/** The map as it is drawn on the page: the same rows and columns, open or closed. */
export function gapMap() {
  const { map, shapes } = page;
  const [left, top, cellWidth, cellHeight] = [230, 110, 84, 34];
  const height = top + cellHeight * map.row.size + 50;
  const width = Math.max(left + cellWidth * map.column.size + 90, 816);
  const parts = [];
  map.column.cells.forEach(({ node }, n) => {
    parts.push(h("g", { transform: `translate(${left + cellWidth * (n + 0.5)} ${top - 8}) rotate(-35)` }, text(0, 0, cut(node.label, 26))));
  });
  map.row.cells.forEach(({ node }, n) => {
    const y = top + cellHeight * n;
    parts.push(h("line", { x1: 10, x2: width - 90, y1: y, y2: y, stroke: LINE, "stroke-width": 0.5 }), text(left - 8, y + cellHeight / 2 + 4, cut(node.label, 40), { "text-anchor": "end" }));
    for (let column = 0; column < map.column.size; column++) {
      const at = n * map.column.size + column;
      parts.push(h("g", { transform: `translate(${left + cellWidth * column} ${y})` }, cellOf(map, shapes, at, cellWidth, cellHeight)));
    }
  });
  const kinds = map.segments.isDirection ? map.segments.parts.filter((part) => !part.absent && map.base.n.some((n, at) => n && at % map.segments.size === map.segments.parts.indexOf(part))) : [];
  const keys = kinds.map((part) => [h("path", { d: shapes[map.segments.dimension.values[part.key]]?.[0] ?? "", transform: "scale(.7)", ...paint(map.segments.dimension.values[part.key]) }), partName(map.segments, part)]);
  const more = [
    map.segments.isDirection && map.base.n.some((n, at) => n && map.segments.parts[at % map.segments.size].absent) && [text(4, 12, ABSENT), t("key_absent")],
    map.base.implied.some(Boolean) && [h("rect", { width: 14, height: 14, ...hollow(GREY) }), t("key_implied")],
  ].filter(Boolean);
  return svgOf(width, height, parts, legend([...keys, ...more, [hatch(16, 12), t("key_gap")]], height - 34));
}

function hatch(width, height) {
  const lines = [h("rect", { width, height, fill: "none", stroke: GREY, "stroke-width": 0.5 })];
  for (let x = 0; x < width; x += 8) lines.push(h("line", { x1: x, y1: height, x2: Math.min(width, x + height), y2: height - Math.min(height, width - x), stroke: GREY, "stroke-width": 0.7 }));
  return h("g", {}, lines);
}

const hollow = (colour) => ({ fill: "#fff", stroke: colour, "stroke-width": 2, "stroke-dasharray": "3 2" });
const paint = (direction) => (direction === "no_effect" ? { fill: "#fff", stroke: colourOf(direction), "stroke-width": 3 } : { fill: colourOf(direction) });

function cellOf(map, shapes, at, width, height) {
  if (!map.grid.total[at]) return map.base.total[at] ? null : h("g", { transform: "translate(2 2)" }, hatch(width - 4, height - 4));
  const parts = apart(partsOf(map.grid, map.segments, at));
  if (!map.segments.isDirection) {
    const label = map.segments.dimension ? parts.map((part) => `${part.n}`).join(" · ") : "";
    return [h("circle", { cx: 18, cy: height / 2, r: 6 + 8 * Math.sqrt(map.grid.total[at] / map.mostInCell), fill: GREY }), text(18, height / 2 + 4, map.grid.total[at], { fill: "#fff", "text-anchor": "middle", "font-weight": 700 }), text(38, height / 2 + 4, label, { fill: GREY })];
  }
  const room = width / parts.length;
  return parts.map((part, n) => {
    const direction = map.segments.dimension.values[part.key] ?? "unspecified";
    const side = Math.min(room - 2, 18 + 12 * Math.sqrt(part.n / map.most));
    const x = room * (n + 0.5) - side / 2;
    const isImplied = part.implied === part.n;
    const solid = !isImplied && direction !== "no_effect";
    const written = `${part.absent ? ABSENT : ""}${isImplied ? `(${part.n})` : part.n}`;
    return h("g", { transform: `translate(${x} ${(height - side) / 2}) scale(${side / 24})` }, h("path", { d: shapes[direction][0], ...(isImplied ? hollow(colourOf(direction)) : paint(direction)) }),
      h("text", { ...TEXT, x: 12, y: shapes[direction][1] + 4, "text-anchor": "middle", "font-weight": 700, "font-size": written.length > 2 ? 9 : 12, fill: solid ? inkOn(colourOf(direction)) : INK }, written));
  });
}

/** Black or white, whichever has the greater contrast to a colour. */
function inkOn(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 ? "#fff" : "#000";
}

/** Studies that report each factor as facilitator to the right, as barrier to the left. */
export function diverging() {
  const { data } = page;
  const { factor, direction } = data.byId;
  if (!factor?.size || !direction) return svgOf(WIDTH, 60, text(10, 30, t("nothing_here")));
  const cells = tabulate([factor, direction]);
  const of = (key, name) => cells.get(`${key}/${direction.values.indexOf(name)}`)?.size ?? 0;
  const rows = factor.values.map((label, key) => ({ label, plus: of(key, "facilitator"), minus: of(key, "barrier") })).filter((row) => row.plus || row.minus);
  const most = Math.max(1, ...rows.flatMap((row) => [row.plus, row.minus]));
  const [middle, unit, step, top] = [500, 190 / most, 20, 40];
  const parts = rows.flatMap((row, n) => {
    const y = top + step * n;
    return [text(295, y + 13, cut(row.label, 46), { "text-anchor": "end" }),
      row.minus ? [h("rect", { x: middle - row.minus * unit, y: y + 2, width: row.minus * unit, height: step - 5, fill: "#fff", stroke: colourOf("barrier"), "stroke-width": 1.5 }),
        h("rect", { x: middle - row.minus * unit, y: y + 2, width: row.minus * unit, height: step - 5, fill: colourOf("barrier"), "fill-opacity": 0.55 }), text(middle - row.minus * unit - 4, y + 13, row.minus, { "text-anchor": "end" })] : null,
      row.plus ? [h("rect", { x: middle, y: y + 2, width: row.plus * unit, height: step - 5, fill: colourOf("facilitator") }), text(middle + row.plus * unit + 4, y + 13, row.plus)] : null];
  });
  const height = top + step * rows.length + 20;
  return svgOf(WIDTH, height, text(middle - 10, 22, `← ${page.words.barrier ?? t("barrier")}`, { "text-anchor": "end", "font-weight": 700 }), text(middle + 10, 22, `${page.words.facilitator ?? t("facilitator")} →`, { "font-weight": 700 }),
    parts, h("line", { x1: middle, x2: middle, y1: top - 6, y2: height - 14, stroke: INK }));
}

/** Studies by year, or by the values of a facet. */
export function bars(id) {
  const dimension = page.data.byId[id] ?? page.data.dims.find((each) => each.size && each.of === "study");
  if (!dimension) return svgOf(WIDTH, 60, text(10, 30, t("nothing_here")));
  const cells = tabulate([dimension]);
  const n = (key) => cells.get(String(key))?.size ?? 0;
  if (dimension.kind === "year") return columnsOf(dimension, n);
  const rows = dimension.names.map((label, key) => [label, n(key)]).filter(([, studies]) => studies);
  const most = Math.max(1, ...rows.map(([, studies]) => studies));
  return svgOf(WIDTH, 30 + 22 * rows.length, rows.map(([label, studies], place) => [text(255, 26 + 22 * place, cut(label, 42), { "text-anchor": "end" }),
    h("rect", { x: 262, y: 13 + 22 * place, width: (400 * studies) / most, height: 16, fill: GREY }), text(268 + (400 * studies) / most, 26 + 22 * place, studies)]));
}

function columnsOf(dimension, n) {
  const years = dimension.values.map((year, key) => [year, n(key)]);
  const [low, high] = [Math.min(...dimension.values), Math.max(...dimension.values)];
  const most = Math.max(1, ...years.map(([, studies]) => studies));
  const step = Math.min(48, (WIDTH - 60) / (high - low + 1));
  const label = Math.max(1, Math.ceil(34 / step));
  return svgOf(WIDTH, 300, h("line", { x1: 30, x2: WIDTH - 20, y1: 260, y2: 260, stroke: INK }), years.map(([year, studies]) => {
    const x = 35 + step * (year - low);
    return studies ? [h("rect", { x, y: 260 - (220 * studies) / most, width: step * 0.8, height: (220 * studies) / most, fill: GREY }), text(x + step * 0.4, 254 - (220 * studies) / most, studies, { "text-anchor": "middle" })] : null;
  }), Array.from({ length: high - low + 1 }, (_, at) => (at % label ? null : text(35 + step * (at + 0.4), 278, low + at, { "text-anchor": "middle" }))));
}

/** The combinations of rows of the map that studies report together: the 12 most reported rows, the 20 largest sets. */
export function upset() {
  const { map, found } = page;
  const sets = new Map();
  map.placements.study.forEach((study, at) => {
    if (found.shown(study, map.placements.finding[at])) for (const key of map.placements.rows[at]) sets.set(study, (sets.get(study) ?? new Set()).add(key));
  });
  const sizes = new Map();
  for (const keys of sets.values()) for (const key of keys) sizes.set(key, (sizes.get(key) ?? 0) + 1);
  const rows = [...sizes].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, 12);
  const combos = new Map();
  for (const keys of sets.values()) {
    const own = rows.map(([key]) => (keys.has(key) ? 1 : 0)).join("");
    if (own.includes("1")) combos.set(own, (combos.get(own) ?? 0) + 1);
  }
  const listed = [...combos].sort((a, b) => b[1] - a[1] || b[0].localeCompare(a[0])).slice(0, 20);
  const most = Math.max(1, ...listed.map(([, n]) => n));
  const [left, top] = [300, 120];
  return svgOf(left + 20 * listed.length + 30, top + 20 * rows.length + 20,
    rows.map(([key, n], at) => text(left - 14, top + 20 * at + 14, `${cut(map.rows.names[key], 36)} (${n})`, { "text-anchor": "end" })),
    listed.map(([combo, n], at) => {
      const x = left + 20 * at + 8;
      const on = [...combo].flatMap((bit, row) => (bit === "1" ? [row] : []));
      return [h("rect", { x: x - 6, y: 110 - (90 * n) / most, width: 12, height: (90 * n) / most, fill: INK }), text(x, 104 - (90 * n) / most, n, { "text-anchor": "middle", "font-size": 9 }),
        on.length > 1 ? h("line", { x1: x, x2: x, y1: top + 20 * on[0] + 10, y2: top + 20 * on.at(-1) + 10, stroke: INK, "stroke-width": 2 }) : null,
        [...combo].map((bit, row) => h("circle", { cx: x, cy: top + 20 * row + 10, r: 5, fill: bit === "1" ? INK : "#e3e7ec" }))];
    }));
}
