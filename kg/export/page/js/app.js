/** Starts the page, and draws again what a change touches. */
import { drawAbout } from "./about.js";
import { $, $$, button, h, select } from "./dom.js";
import { saveFindings, savePng, saveRis, saveSvg } from "./download.js";
import { drawFigures, gapMap } from "./figures.js";
import { drawGaps, kindsOfGaps } from "./gaps.js";
import { drawGraph } from "./graph.js";
import { drawMap, redrawCells, showOpen } from "./map.js";
import { load } from "./model.js";
import { labelOf, page, placementsIn, refresh, start } from "./page.js";
import { closePanel, drawPanel } from "./panel.js";
import { preparePrint } from "./print.js";
import { buildRail, drawChips, drawRail, valuesLike } from "./rail.js";
import { drawStudies } from "./studies.js";
import { drawTables } from "./tables.js";
import { bind, change, onChange, state, toggle } from "./state.js";
import { speak, t } from "./words.js";

const VIEWS = { map: null, graph: drawGraph, "tables-view": drawTables, figures: drawFigures, studies: drawStudies, about: drawAbout };
const FILTERS = ["filters", "ranges", "text", "tables", "without"];
const SHAPE = ["map", "rows", "columns", "parts", "style", "sort", "transpose", "hideEmpty", "folds"];
const drawn = new Set();

function draw(changed) {
  if (!Object.hasOwn(VIEWS, state.view)) state.view = "map"; // an address may say anything
  const filtered = FILTERS.some((name) => changed.has(name));
  const shaped = SHAPE.some((name) => changed.has(name));
  refresh(changed);
  if (filtered || shaped || changed.has("lens")) drawn.clear();
  if (filtered) drawRail();
  drawChips();
  drawView(shaped || (filtered && (state.hideEmpty || ["count", "disagreement"].includes(state.sort))), changed);
}

function drawView(anew, changed) {
  for (const tab of $$("[role=tab]")) {
    const on = tab.getAttribute("aria-controls") === state.view;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
  }
  for (const panel of $$("[role=tabpanel]")) panel.hidden = panel.id !== state.view;
  const isMap = state.view === "map";
  if (isMap) {
    if (anew || !$("#grid")) drawMap();
    else if (!drawn.has("map")) redrawCells();
    if (anew || changed.has("view") || changed.has("map")) drawTools();
    drawn.add("map");
  } else if (!drawn.has(state.view) || !["view", "cell", "pinned"].every((name) => changed.has(name))) VIEWS[state.view]();
  $("#gap-list").hidden = !isMap || !state.lens || Boolean(state.cell);
  if (!$("#gap-list").hidden) drawGaps();
  if (isMap) {
    drawPanel();
    showOpen(changed.has("cell") && document.activeElement?.closest("#gap-list") !== null);
  } else $("#panel").hidden = true;
  document.documentElement.classList.toggle("with-side", isMap && (Boolean(state.lens) || !$("#panel").hidden));
}

/** The choices above the map. */
function drawTools() {
  const { data, map } = page;
  const facets = data.dims.filter((dimension) => dimension.size && !["number", "year"].includes(dimension.kind)).map((dimension) => [dimension.id, labelOf(dimension)]);
  const maps = data.maps.map((each, n) => [n, each.title ?? (each.name === "factors and outcomes" ? t("default_map") : each.name)]);
  const labelled = (key, control) => h("label", {}, `${t(key)} `, control);
  const parts = [["none", t("no_parts")], ...facets];
  const own = data.maps[state.map];
  $("#tools").replaceChildren(...[
    maps.length > 1 && labelled("map", select(maps, state.map, (n) => change({ map: Number(n), rows: "", columns: "", parts: null, folds: new Map(), cell: null, pinned: null, lens: "" }))),
    labelled("parts", select(parts, map.segments.dimension?.id ?? "none", (id) => change({ parts: id === (data.dims[own.segments]?.id ?? "none") ? null : id }))),
    labelled("style", select(["bubble", "bars", "heat", "numbers"].map((style) => [style, t(`style_${style}`)]), state.style, (style) => change({ style }))),
    labelled("sort", select(["review", "name", "count", "disagreement"].map((sort) => [sort, t(`sort_${sort}`)]), state.sort, (sort) => change({ sort }))),
    labelled("gaps", select([["", t("no_lens")], ...kindsOfGaps().map((kind) => [kind, t(`kind_${kind}`)])], state.lens, (lens) => change({ lens, cell: null }))),
    moreTools(facets),
  ].filter(Boolean));
}

function moreTools(facets) {
  const { map } = page;
  const check = (name) => {
    const box = h("input", { type: "checkbox", autocomplete: "off", change: ({ target }) => change({ [name]: target.checked }) });
    box.checked = state[name];
    return h("label", {}, box, ` ${t(name)}`);
  };
  const folds = (open) => {
    const all = new Map();
    for (const axis of ["row", "column"]) for (const node of map.trees[axis]) for (const each of withChildren(node)) all.set(`${axis}.${each.id}`, open);
    change({ folds: all });
  };
  const title = t("gap_map");
  const everything = () => placementsIn(null, null).map((at) => [map.placements.study[at], map.placements.finding[at]]);
  const hasGroups = [...map.trees.row, ...map.trees.column].some((node) => node.children.length);
  const axes = ["rows", "columns"].map((axis) => h("label", {}, `${t(axis)} `, select([["", t("as_declared")], ...facets], state[axis], (id) => change({ [axis]: id, folds: new Map(), cell: null, pinned: null, lens: "" }))));
  return h("details", { class: "menu" }, h("summary", {}, t("more")), h("div", {}, check("transpose"), check("hideEmpty"), axes,
    hasGroups ? h("p", {}, button(t("open_all"), () => folds(true)), button(t("close_all"), () => folds(false))) : null,
    h("p", {}, `${t("save")} `, button("CSV", () => saveFindings(title, everything())), button("RIS", () => saveRis(title, [...new Set(everything().map(([study]) => study))])), button("SVG", () => saveSvg(title, gapMap())), button("PNG", () => savePng(title, gapMap())), button(t("print"), () => print()))));
}

const withChildren = (node) => (node.children.length ? [node, ...node.children.flatMap(withChildren)] : []);

function listen() {
  $$("[role=tab]").forEach((tab, n, tabs) => {
    const show = (next) => { change({ view: next.getAttribute("aria-controls") }); next.focus(); };
    tab.addEventListener("click", () => show(tab));
    tab.addEventListener("keydown", ({ key }) => {
      const [left, right] = getComputedStyle(tab).direction === "rtl" ? [1, -1] : [-1, 1];
      const beside = (step) => tabs[(n + step + tabs.length) % tabs.length];
      const next = { ArrowRight: beside(right), ArrowLeft: beside(left), Home: tabs[0], End: tabs.at(-1) }[key];
      if (next) show(next);
    });
  });
  const search = $("#search");
  search.value = state.text;
  let typing;
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => { change({ text: search.value.trim() }); suggest(search.value); }, 150);
  });
  $("#rail-toggle").addEventListener("click", () => {
    const open = document.documentElement.classList.toggle("with-rail");
    $("#rail-toggle").setAttribute("aria-expanded", String(open));
  });
  addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !state.cell) return;
    const cell = $("#grid .open [data-open]");
    closePanel();
    cell?.focus();
  });
  addEventListener("beforeprint", preparePrint);
  if (matchMedia("(max-width: 40rem)").matches) $("#view").open = false;
}

/** Offers the values that are called like the words of the search as filters. */
function suggest(text) {
  const found = valuesLike(text);
  $("#suggestions").replaceChildren(...found.map(({ dimension, key, name }) => h("li", {}, button(`${labelOf(dimension)}: ${name}`, () => {
    $("#search").value = "";
    $("#suggestions").replaceChildren();
    change({ text: "" });
    toggle(dimension.place, key, true);
  }, { class: "chip" }))));
}

/** Lets the browser draw between two steps, so that none blocks it for long. */
const pause = () => new Promise((done) => setTimeout(done));

async function main() {
  const words = JSON.parse($("#words").textContent);
  speak(words, document.documentElement.lang);
  const data = await load($("#data"));
  await pause();
  start(data);
  bind(data);
  page.map = null;
  onChange((changed) => {
    if (changed.has("text") && $("#search").value.trim() !== state.text) $("#search").value = state.text;
    draw(changed);
  });
  listen();
  await pause();
  refresh(new Set(Object.keys(state)));
  await pause();
  draw(new Set(["view", "map", "style"]));
  await pause();
  buildRail();
  drawRail();
  document.documentElement.dataset.ready = "1";
}

main();
