/** Counts of studies by any facet, alone or across another, of what the filters leave. */
import { $, button, h, hidden, select } from "./dom.js";
import { saveCsv } from "./download.js";
import { keysOf, unitKeys } from "./model.js";
import { labelOf, page, wordOf } from "./page.js";
import { change, state } from "./state.js";
import { count, number, t } from "./words.js";


/**
 * The studies with each combination of keys: `key` or `key/key` -> set of studies. A combination that says less than
 * another of the same study does not count, as in `cells_of` of kg/query/units.py.
 */
export function tabulate(dimensions) {
  const { data, units, found } = page;
  const own = dimensions.map((dimension) => unitKeys(data, units, dimension));
  const cells = new Map();
  const add = (study, combinations) => {
    const listed = [...combinations.values()];
    for (const keys of listed) {
      if (listed.some((other) => tellsMore(dimensions, other, keys))) continue;
      const cell = keys.join("/");
      cells.set(cell, (cells.get(cell) ?? new Set()).add(study));
    }
  };
  let combinations = new Map();
  for (let unit = 0; unit < units.n; unit++) {
    const study = units.study[unit];
    const extra = units.finding[unit] < 0 && data.first[study] < data.first[study + 1];
    const says = dimensions.some((dimension, n) => dimension.ofFindings && keysOf(own[n], unit).some((key) => dimension.isCoded(key)));
    if (!found.fails[unit] && found.studyShown[study] && (!extra || says)) {
      const [first, second] = dimensions.map((_, n) => [...keysOf(own[n], unit)]);
      for (const a of first) for (const keys of second ? second.map((b) => [a, b]) : [[a]]) combinations.set(keys.join("/"), keys);
    }
    if (unit + 1 === units.n || units.study[unit + 1] !== study) {
      add(study, combinations);
      combinations = new Map();
    }
  }
  return cells;
}

function tellsMore(dimensions, other, keys) {
  const value = (list, n) => (dimensions[n].isCoded(list[n]) ? list[n] : null);
  const same = dimensions.every((_, n) => value(other, n) === value(keys, n));
  return !same && dimensions.every((_, n) => value(keys, n) === null || value(keys, n) === value(other, n));
}

/** A number to one decimal place, where a tie goes to the even digit, as in Python. */
function tenths(x) {
  const isTie = Number.isInteger(4 * x) && !Number.isInteger(2 * x);
  return isTie ? (2 * Math.round(5 * x)) / 10 : Number(x.toFixed(1));
}

export function drawTables() {
  const { data, found } = page;
  const choices = data.dims.filter((dimension) => dimension.size && dimension.kind !== "number").map((dimension) => [dimension.id, labelOf(dimension)]);
  const first = data.byId[state.table] ?? data.byId[choices[0]?.[0]];
  const second = data.byId[state.by] ?? null;
  if (!first) return $("#tables-view").replaceChildren(h("p", {}, t("nothing_here")));
  const cells = tabulate(second ? [first, second] : [first]);
  const sizeOf = (key) => cells.get(key)?.size ?? 0;
  const rows = first.names.map((_, key) => key).filter((key) => (first.isCoded(key) && (sizeOf(key) > 0 || second || first.below(key).length === 1)) || [...cells.keys()].some((cell) => cell.split("/")[0] === String(key)));
  const columns = second ? second.names.map((_, key) => key).filter((key) => [...cells.keys()].some((cell) => cell.split("/")[1] === String(key))) : [];
  const all = (key) => new Set([...cells].flatMap(([cell, studies]) => (cell.split("/")[0] === String(key) ? [...studies] : []))).size;
  const header = [labelOf(first), ...columns.map((key) => wordOf(second, key)), t("studies"), "%"];
  const percent = (n) => (found.studies ? tenths((100 * n) / found.studies) : 0);
  const listed = rows.map((key) => [wordOf(first, key), ...columns.map((column) => sizeOf(`${key}/${column}`)), all(key), percent(all(key))]);
  const title = second ? `${labelOf(first)} × ${labelOf(second)}` : labelOf(first);
  $("#tables-view").replaceChildren(h("div", { class: "bar" }, h("p", {},
    h("label", {}, `${t("rows")} `, select(choices, first.id, (table) => change({ table }))), " ",
    h("label", {}, `${t("columns")} `, select([["", "—"], ...choices.filter(([id]) => id !== first.id)], second?.id ?? "", (by) => change({ by })))),
  h("p", { class: "actions" }, button("CSV", () => saveCsv(title, header, listed)))),
  h("p", { class: "hint" }, t("table_counts", { studies: count(found.studies) })),
  h("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": title }, h("table", { class: "list counts" }, h("caption", {}, hidden(title)),
    h("thead", {}, h("tr", {}, header.map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, listed.map(([name, ...numbers]) => h("tr", {}, h("th", { scope: "row" }, name), numbers.map((n) => h("td", { class: "number" }, number(n)))))))));
}
