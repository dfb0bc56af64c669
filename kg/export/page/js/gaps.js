/** The gaps of a map: which kinds a cell has, the ranked list beside the map, and why a cell is empty. */
import { idOf, nodesAbove } from "./axis.js";
import { $, button, h, select } from "./dom.js";
import { page } from "./page.js";
import { change, state } from "./state.js";
import { count, number, t } from "./words.js";

const FIRST = 100;
let known;

/** The gaps of the chosen map in their rank, and the kinds of each pair of keys. */
function gapsOf(map) {
  if (known?.map === map && known.transposed === state.transpose) return known;
  const listed = map.isDeclared ? map.spec.gaps.map(([kind, row, column, reason]) => (state.transpose ? { kind, row: column, column: row, reason } : { kind, row, column, reason })) : counted(map);
  if (map.isDeclared && page.data.since) listed.unshift(...changesOf(map));
  const kinds = new Map();
  for (const { kind, row, column } of listed) kinds.set(`${row}/${column}`, [...(kinds.get(`${row}/${column}`) ?? []), kind]);
  known = { map, transposed: state.transpose, listed, kinds };
  return known;
}

/** The cells that changed since the release that the page compares with. */
function changesOf(map) {
  return map.spec.changes.map(([row, column, changes, says]) => {
    const [down, across] = state.transpose ? [column, row] : [row, column];
    return { kind: "since", row: down, column: across, reason: `${changes.map((change) => t(`change_${change}`)).join(", ")}: ${says}` };
  });
}

/** What changed in a cell since the release, or nothing. */
export function changeOf(row, column) {
  if (!page.data.since || row.keys.length !== 1 || column.keys.length !== 1) return null;
  const found = gapsOf(page.map).listed.find((each) => each.kind === "since" && each.row === row.keys[0] && each.column === column.keys[0]);
  return found ? found.reason : null;
}

/** Of rows and columns that the reader chose: pairs without a study, those between well-studied values first. */
function counted(map) {
  const found = [];
  const pairs = new Map();
  const { placements } = map;
  placements.study.forEach((study, at) => {
    for (const row of placements.rows[at]) for (const column of placements.columns[at]) pairs.set(`${row}/${column}`, (pairs.get(`${row}/${column}`) ?? new Set()).add(study));
  });
  for (const [row, inRow] of map.having[0]) {
    for (const [column, inColumn] of map.having[1]) {
      const n = pairs.get(`${row}/${column}`)?.size ?? 0;
      if (n < 2) found.push({ kind: n ? "one-study" : "no-study", row, column, reason: null, weight: inRow + inColumn });
    }
  }
  return found.sort((a, b) => b.weight - a.weight);
}

/** The kind that the lens looks for, if the cell has it. */
export function kindOfCell(at) {
  const { map } = page;
  const [row, column] = [map.row.cells[Math.floor(at / map.column.size)].node, map.column.cells[at % map.column.size].node];
  if (row.keys.length > 1 || column.keys.length > 1) return state.lens === "no-study" && !map.base.total[at] ? "no-study" : "";
  return gapsOf(map).kinds.get(`${row.keys[0]}/${column.keys[0]}`)?.includes(state.lens) ? state.lens : "";
}

/** Which kind of gap an empty cell is: nothing on the pair, or nothing on its row or column at all. */
export function gapOf(row, column) {
  const { having } = page.map;
  const studied = (node, side) => node.keys.some((key) => having[side].has(key));
  if (!studied(row, 0)) return "row";
  return studied(column, 1) ? "pair" : "column";
}

/** Why a cell is empty, in a sentence with its numbers. */
export function whyEmpty(row, column) {
  const { having, rows, columns } = page.map;
  const n = (node, side) => count(node.keys.length === 1 ? having[side].get(node.keys[0]) ?? 0 : studiesWith(node, side).length);
  return t(`why_${gapOf(row, column)}`, { row: row.label, column: column.label, in_row: n(row, 0), in_column: n(column, 1), rows: rows.label, columns: columns.label });
}

/** The studies that have a value of a node, whether or not in a cell; `side` is 0 for rows and 1 for columns. */
export function studiesWith(node, side) {
  const keys = new Set(node.keys);
  return page.map.placements.tags.flatMap((own, study) => (own[side].some((key) => keys.has(key)) ? [study] : []));
}

const nameOf = (dimension, key) => (key < 0 ? "" : dimension.names[key]);

/** The folds with every group open that a row or column with one of the ids stands in. */
function opened(ids) {
  const folds = new Map(state.folds);
  ["row", "column"].forEach((axis, side) => {
    for (const node of nodesAbove(page.map.trees[axis], ids[side]) ?? []) folds.set(`${axis}.${node.id}`, true);
  });
  return folds;
}

/** The list of the gaps of the kind that the lens shows. */
export function drawGaps() {
  const { map } = page;
  const { listed } = gapsOf(map);
  const kinds = [...new Set(listed.map((gap) => gap.kind))];
  const shown = listed.filter((gap) => gap.kind === state.lens);
  const [rows, columns] = [map.rows, map.columns];
  const item = (gap) => {
    const names = [nameOf(rows, gap.row), nameOf(columns, gap.column)].filter(Boolean).join(" → ");
    const ids = [gap.row < 0 ? "" : idOf(rows, gap.row), gap.column < 0 ? "" : idOf(columns, gap.column)];
    return h("li", {}, button(names, () => change({ cell: ids.join("/"), folds: opened(ids) }), { class: "link" }),
      h("small", {}, gap.reason ?? (gap.kind === "no-study"
        ? t("reason_no_study", { in_row: number(map.having[0].get(gap.row) ?? 0), in_column: number(map.having[1].get(gap.column) ?? 0) })
        : t("one_study"))));
  };
  const list = h("ol", {}, shown.slice(0, FIRST).map(item));
  const choose = select(kinds.map((kind) => [kind, `${t(`kind_${kind}`)} (${number(listed.filter((gap) => gap.kind === kind).length)})`]), state.lens,
    (lens) => change({ lens }), { "aria-label": t("gap_kind") });
  $("#gap-list").replaceChildren(h("div", { class: "bar" }, h("h2", {}, t("gaps")), button("×", () => change({ lens: "" }), { "aria-label": t("close"), class: "icon" })),
    h("p", {}, choose), h("p", { class: "hint" }, t(`means_${state.lens}`, { name: page.data.since?.name ?? "" })), state.lens === "since" ? "" : h("p", { class: "hint" }, t("gaps_ranked")), list,
    shown.length > FIRST ? h("p", {}, button(t("show_all", { n: shown.length }), ({ target }) => { list.replaceChildren(...shown.map(item)); target.remove(); })) : "");
}

/** The kinds of gaps of the map, for the choice of a lens. */
export const kindsOfGaps = () => [...new Set(gapsOf(page.map).listed.map((gap) => gap.kind))];
