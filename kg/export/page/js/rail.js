/** The filters at the left: every facet with live counts, the years as a histogram, and what is active as chips. */
import { $, button, h, hidden } from "./dom.js";
import { facetCounts } from "./filter.js";
import { labelOf, page, wordOf } from "./page.js";
import { nameOf } from "./records.js";
import { change, reset, state, toggle } from "./state.js";
import { count, fold, number, t } from "./words.js";

/** More values than this are listed after a search field or a button. */
const FIRST = 8;
const USUAL = ["factor", "outcome", "direction", "design", "methods", "setting", "population", "country", "publication_type"];
const opened = new Set(["direction"]);
const unfolded = new Set();
let sections = [];

const isRange = (dimension) => dimension.kind === "year" || dimension.kind === "number";

/** The facets in the order of the rail: those of the maps, the usual ones, the others. */
function ordered() {
  const { data } = page;
  const inMaps = new Set(data.maps.flatMap((map) => [map.segments, map.rows, map.columns]).filter((place) => place >= 0));
  const weight = (dimension) => (USUAL.includes(dimension.id) ? USUAL.indexOf(dimension.id) + 10 : inMaps.has(dimension.place) ? 1 : 40);
  return data.dims.filter((dimension) => dimension.size > 0 && dimension.id !== "year band").map((dimension, n) => [weight(dimension), n, dimension])
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, , dimension]) => dimension);
}

export function buildRail() {
  const { data } = page;
  for (const map of data.maps) if (map.segments >= 0) opened.add(data.dims[map.segments].id);
  const year = data.byId.year;
  sections = ordered().filter((dimension) => dimension !== year).map(sectionOf);
  $("#facets").replaceChildren(year ? yearSection(year) : "", ...sections.map((section) => section.element), extras());
}

function extras() {
  const { findings, studies } = page.data;
  const tabulated = findings.tabulated ?? [];
  const standings = [...new Set(studies.standing ?? [])].filter(Boolean);
  return h("div", { class: "extras" },
    tabulated.includes(true) && tabulated.includes(false) ? h("label", {}, h("input", { type: "checkbox", id: "tables", role: "switch", autocomplete: "off", change: ({ target }) => change({ tables: target.checked }) }), ` ${t("tables_only")}`) : null,
    standings.map((key) => h("p", {}, button(t("without_value", { label: t(`standing_${key}`) }), () => change({ without: [...state.without, { dimension: "standing", key }] }), { class: "link" }))));
}

function sectionOf(dimension) {
  const body = h("div", {});
  const element = h("details", { open: opened.has(dimension.id), toggle: () => {
    if (element.open) opened.add(dimension.id);
    else opened.delete(dimension.id);
    drawSection(section);
  } }, h("summary", {}, h("span", {}, labelOf(dimension)), h("small", { class: "chosen" })), body);
  const section = { dimension, element, body };
  return section;
}

/** Draws the counts of the open facets again. */
export function drawRail() {
  sections.forEach(drawSection);
  if (page.data.byId.year) drawYears(page.data.byId.year);
  const tables = $("#tables");
  if (tables) tables.checked = state.tables;
}

function drawSection({ dimension, element, body }) {
  const chosen = state.filters.get(dimension.place) ?? new Set();
  $(".chosen", element).textContent = chosen.size ? t("n_chosen", { n: chosen.size }) : "";
  if (!element.open) return;
  const focused = document.activeElement?.getAttribute("data-value");
  if (isRange(dimension)) return body.replaceChildren(rangeOf(dimension));
  const counts = facetCounts(page.data, page.units, page.found, dimension);
  const keys = dimension.names.map((_, key) => key).filter((key) => counts[key] || chosen.has(key) || (dimension.isCoded(key) && dimension.residual.length === 0 && dimension.size <= 40));
  const few = unfolded.has(dimension.id) ? keys : keys.filter((key, n) => n < FIRST || chosen.has(key));
  body.replaceChildren(...[
    h("p", { class: "hint" }, t("any_of")),
    h("ul", {}, few.map((key) => valueItem(dimension, key, counts[key], chosen.has(key)))),
    keys.length > few.length && button(t("show_all", { n: keys.length }), () => { unfolded.add(dimension.id); drawSection({ dimension, element, body }); }, { class: "link" }),
  ].filter(Boolean));
  if (focused) $(`[data-value="${CSS.escape(focused)}"]`, body)?.focus();
}

function valueItem(dimension, key, n, checked) {
  const name = wordOf(dimension, key);
  const box = h("input", { type: "checkbox", autocomplete: "off", "data-value": `${dimension.id}.${key}`, change: ({ target }) => toggle(dimension.place, key, target.checked) });
  box.checked = checked;
  return h("li", { class: n ? null : "none" }, h("label", {}, box, h("span", { class: "value" }, name), h("span", { class: "n" }, number(n), hidden(` ${count(n)}`))),
    button("−", () => change({ without: [...state.without, { dimension: dimension.place, key }] }), { class: "icon", title: t("without_value", { label: name }), "aria-label": t("without_value", { label: name }) }));
}

function rangeOf(dimension) {
  const [low, high] = [Math.min(...dimension.values), Math.max(...dimension.values)];
  const [from, to] = state.ranges.get(dimension.place) ?? ["", ""];
  const field = (value, label, end) => {
    const input = h("input", { type: "number", autocomplete: "off", min: low, max: high, placeholder: end ? high : low, "aria-label": `${labelOf(dimension)}: ${label}`, "data-value": `${dimension.id}.${end}`,
      change: () => setRange(dimension, end ? [from === "" ? low : from, input.value] : [input.value, to === "" ? high : to]) });
    input.value = value;
    return h("label", {}, `${label} `, input);
  };
  return h("p", { class: "range" }, field(from, t("from"), 0), field(to, t("to"), 1));
}

function setRange(dimension, [from, to]) {
  const ranges = new Map(state.ranges);
  const [low, high] = [Math.min(...dimension.values), Math.max(...dimension.values)];
  const range = [from === "" ? low : Number(from), to === "" ? high : Number(to)];
  if (range[0] <= low && range[1] >= high) ranges.delete(dimension.place);
  else ranges.set(dimension.place, range);
  change({ ranges });
}

// ---- The years, as a histogram with two handles

let years;

function yearSection(dimension) {
  const [low, high] = [Math.min(...dimension.values), Math.max(...dimension.values)];
  const handle = (end) => h("input", { type: "range", min: low, max: high, value: end ? high : low, autocomplete: "off", "aria-label": `${labelOf(dimension)}: ${t(end ? "to" : "from")}`, input: () => dragged(dimension) });
  years = { low, high, bars: h("div", { class: "histogram", "aria-hidden": "true" }), from: handle(0), to: handle(1), text: h("span", { class: "n", dir: "ltr" }) };
  return h("section", { class: "years", "aria-label": labelOf(dimension) }, h("div", { class: "bar" }, h("b", {}, labelOf(dimension)), years.text), years.bars, h("div", { class: "handles" }, years.from, years.to));
}

let dragging;

function dragged(dimension) {
  const [a, b] = [Number(years.from.value), Number(years.to.value)];
  years.text.textContent = `${Math.min(a, b)}–${Math.max(a, b)}`;
  clearTimeout(dragging);
  dragging = setTimeout(() => setRange(dimension, [Math.min(a, b), Math.max(a, b)]), 120);
}

function drawYears(dimension) {
  const counts = facetCounts(page.data, page.units, page.found, dimension);
  const [from, to] = state.ranges.get(dimension.place) ?? [years.low, years.high];
  const most = Math.max(1, ...counts.subarray(0, dimension.size));
  const of = new Map(dimension.values.map((year, key) => [year, counts[key]]));
  const bars = [];
  for (let year = years.low; year <= years.high; year++) {
    const n = of.get(year) ?? 0;
    bars.push(h("span", { class: year >= from && year <= to ? "in" : "out", title: `${year}: ${count(n)}`, style: { height: `${n ? 8 + (92 * n) / most : 0}%` } }));
  }
  years.bars.replaceChildren(...bars);
  years.from.value = String(from);
  years.to.value = String(to);
  years.text.textContent = `${from}–${to}`;
}

// ---- What is active, as chips that can be removed

export function drawChips() {
  const { data } = page;
  const chip = (text, remove) => h("li", {}, button([text, " ", h("span", { "aria-hidden": "true" }, "×")], remove, { "aria-label": t("remove_filter", { filter: text }), class: "chip" }));
  const chips = [];
  if (state.text) chips.push(chip(`${t("search")}: ${state.text}`, () => { $("#search").value = ""; change({ text: "" }); }));
  for (const [place, keys] of state.filters) {
    for (const key of keys) chips.push(chip(`${labelOf(data.dims[place])}: ${wordOf(data.dims[place], key)}`, () => toggle(place, key, false)));
  }
  for (const [place, [from, to]] of state.ranges) {
    chips.push(chip(`${labelOf(data.dims[place])}: ${from}–${to}`, () => { const ranges = new Map(state.ranges); ranges.delete(place); change({ ranges }); }));
  }
  if (state.tables) chips.push(chip(t("tables_only"), () => change({ tables: false })));
  state.without.forEach((each, n) => chips.push(chip(t("without_value", { label: withoutName(each) }), () => change({ without: state.without.filter((_, at) => at !== n) }))));
  $("#chips").replaceChildren(...chips, chips.length > 1 ? h("li", {}, button(t("reset"), () => { $("#search").value = ""; reset(); }, { class: "link" })) : "");
  const { found } = page;
  const n = (shown, all, key) => (shown === all ? t("all_of", { all: count(all, key) }) : t("some_of", { n: number(shown), all: count(all, key) }));
  $("#status").textContent = [n(found.studies, data.studies.n, "study"), data.findings.n ? n(found.findings, data.findings.n, "finding") : ""].filter(Boolean).join(", ");
}

const withoutName = ({ dimension, key, study }) => (study != null ? nameOf(study) : dimension === "standing" ? t(`standing_${key}`) : wordOf(page.data.dims[dimension], key));

/** Values whose name has all words of a text, as filters to offer beside the search. */
export function valuesLike(text) {
  const words = fold(text).split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  return page.data.dims.flatMap((dimension) => dimension.names.map((name, key) => ({ dimension, key, name }))
    .filter(({ key, name }) => dimension.isCoded(key) && words.every((word) => fold(name).includes(word)))).slice(0, 6);
}
