/** The page on paper: the filters in words, the map in blocks of columns that fit, and the studies behind it. */
import { $, h } from "./dom.js";
import { apart, partsOf } from "./cells.js";
import { ABSENT, SIGNS, partName } from "./marks.js";
import { labelOf, page } from "./page.js";
import { nameOf } from "./records.js";
import { count, t } from "./words.js";

/** Columns of the map on a landscape A4 page. */
const COLUMNS = 9;

/** Writes the printed page; it is hidden on the screen. */
export function preparePrint() {
  const { data, map } = page;
  const blocks = [];
  for (let from = 0; from < map.column.size; from += COLUMNS) blocks.push(blockOf(from, Math.min(map.column.size, from + COLUMNS)));
  const shown = [...page.found.studyShown.keys()].filter((study) => page.found.studyShown[study]);
  const filters = [...document.querySelectorAll("#chips .chip")].map((chip) => chip.firstChild.textContent.trim());
  $("#paper").replaceChildren(
    h("p", {}, [count(page.found.studies), count(page.found.findings, "finding")].join(", "), data.meta.search_date ? `. ${t("searched", { date: data.meta.search_date })}` : ""),
    filters.length ? h("p", {}, `${t("filters")}: ${filters.join("; ")}`) : "", h("p", { class: "key" }, keyOf()), ...blocks,
    h("h2", {}, t("studies")), h("ol", { class: "references" }, shown.map((study) => h("li", {}, [nameOf(study), data.studies.title?.[study], data.studies.doi?.[study]].filter(Boolean).join(". ")))),
    h("p", {}, [data.meta.citation, data.meta.version, data.meta.data_sha256 ? t("data_hash", { hash: data.meta.data_sha256.slice(0, 12) }) : ""].filter(Boolean).join(" · ")));
}

function keyOf() {
  const { segments } = page.map;
  const names = segments.isDirection ? segments.parts.filter((part) => !part.absent && segments.dimension.isCoded(part.key)).map((part) => `${SIGNS[segments.dimension.values[part.key]]} ${partName(segments, part)}`) : [];
  return [...names, segments.isDirection ? `${ABSENT} ${t("key_absent")}` : "", `( ) ${t("key_implied")}`, `▨ ${t("key_gap")}`].filter(Boolean).join("   ");
}

function blockOf(from, to) {
  const { map } = page;
  const columns = map.column.cells.slice(from, to);
  const row = ({ node, open, index }) => h("tr", { class: open ? "group" : null }, h("th", { scope: "row", style: { "--depth": String(node.depth) } }, node.label),
    columns.map(({ index: column }) => (open ? h("td", {}) : h("td", {}, textOf(index * map.column.size + column)))));
  return h("table", { class: "printed" }, h("caption", {}, `${t("map_caption", { rows: labelOf(map.rows), columns: labelOf(map.columns) })}${map.column.size > COLUMNS ? ` (${from + 1}–${to} / ${map.column.size})` : ""}`),
    h("thead", {}, h("tr", {}, h("th", {}, labelOf(map.rows)), columns.map(({ node }) => h("th", { scope: "col" }, node.label)))), h("tbody", {}, map.row.drawn.map(row)));
}

function textOf(at) {
  const { map } = page;
  if (!map.grid.total[at]) return map.base.total[at] ? "" : "▨";
  if (!map.segments.isDirection) return String(map.grid.total[at]);
  return apart(partsOf(map.grid, map.segments, at)).map((part) => {
    const sign = SIGNS[map.segments.dimension.values[part.key]] ?? "";
    return `${part.absent ? ABSENT : ""}${part.n === part.implied ? `(${part.n})` : part.n}${sign}`;
  }).join(" ");
}
