/** The map as a table: one button for each cell, drawn when its row comes into view, and again only where it changed. */
import { findNode, headerRows } from "./axis.js";
import { partsOf } from "./cells.js";
import { $, $$, h, hidden } from "./dom.js";
import { changeOf, gapOf, kindOfCell } from "./gaps.js";
import { ABSENT, drawParts, mark, partName } from "./marks.js";
import { labelOf, page } from "./page.js";
import { change, state } from "./state.js";
import { count, listed, number, t } from "./words.js";

let watcher;
let rows = [];

/** Draws the whole table. */
export function drawMap() {
  const { map } = page;
  watcher?.disconnect();
  watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) fill(entry.target);
  }, { root: $("#map .scroll"), rootMargin: "300px" });
  const head = headerRows(map.column);
  const corner = h("td", { rowspan: head.length, class: "corner" }, h("span", {}, `${labelOf(map.rows)} ↓`), h("span", {}, `${labelOf(map.columns)} ${document.dir === "rtl" ? "←" : "→"}`));
  const heads = head.map((cells, n) => h("tr", {}, n === 0 ? corner : null, cells.map(columnHead)));
  rows = map.row.drawn.map(rowOf);
  const table = h("table", { id: "grid", class: map.column.size > 10 ? "dense" : null, "data-style": state.style },
    h("caption", {}, captionOf()), h("thead", {}, heads), h("tbody", {}, rows));
  table.addEventListener("click", onClick);
  table.addEventListener("keydown", onKey);
  table.addEventListener("focusin", ({ target }) => rove(target.closest("button")));
  $("#map .scroll").replaceChildren(table);
  for (const row of rows) watcher.observe(row);
  rows.slice(0, 40).forEach(fill);
  drawTotals();
  rove($("button", table));
  const top = $("thead", table).offsetHeight;
  $("#map .scroll").style.scrollPadding = `${top}px 0 0 ${corner.offsetWidth}px`;
  drawLegend();
}

const captionOf = () => t("map_caption", { rows: labelOf(page.map.rows), columns: labelOf(page.map.columns) });

function columnHead({ node, open, from, span, rows: height }) {
  const favourable = node.children.length ? null : page.map.columns.favourable?.[node.key];
  return h("th", { scope: open ? "colgroup" : "col", colspan: span, rowspan: height, "data-column": open ? null : from, "data-node": node.id },
    h("div", { class: "head" }, foldButton("column", node, open), nameButton(node),
      favourable && h("small", {}, t(`better_${favourable}`)), open ? null : h("span", { class: "total" })));
}

function rowOf({ node, open, index }) {
  const head = h("th", { scope: open ? "rowgroup" : "row", "data-node": node.id, style: { "--depth": String(node.depth) } },
    h("div", { class: "head" }, foldButton("row", node, open), nameButton(node), h("span", { class: "total" })));
  if (open) return h("tr", { class: "group", "data-node": node.id }, head, h("td", { colspan: page.map.column.size, class: "filler" }));
  return h("tr", { "data-row": index, "data-node": node.id, class: node.children.length ? "closed" : null }, head);
}

const nameButton = (node) => h("button", { type: "button", class: "name", title: node.label, "data-open": "" }, node.label);

function foldButton(axis, node, open) {
  if (!node.children.length) return null;
  return h("button", { type: "button", class: "fold", "aria-expanded": String(open), "data-fold": `${axis}.${node.id}`, "aria-label": t("fold", { label: node.label }) });
}

/** Draws the cells of a row, unless they are there. */
function fill(row) {
  if (row.cells.length === 1 && row.dataset.row !== undefined) {
    for (const entry of page.map.column.cells) row.append(h("td", { "data-column": entry.index, "data-name": entry.node.label }));
    drawRow(row);
  }
  return row;
}

function drawRow(row) {
  const { map } = page;
  const n = Number(row.dataset.row);
  const nodes = map.row.cells[n].node;
  for (const cell of [...row.cells].slice(1)) drawCell(cell, n, Number(cell.dataset.column), nodes);
}

/** What a cell holds, as a short text: a cell is drawn again only if it differs. */
function signature(at) {
  const { map } = page;
  const { size } = map.segments;
  const parts = (grid) => `${grid.n.subarray(at * size, (at + 1) * size)}/${grid.implied.subarray(at * size, (at + 1) * size)}`;
  const kind = state.lens ? kindOfCell(at) : "";
  return [state.style, kind, parts(map.grid), map.before ? map.before.total[at] : "", JSON.stringify(map.grid.flagged.get(at) ?? "")].join("|");
}

function drawCell(cell, row, column, node) {
  const { map } = page;
  const at = row * map.column.size + column;
  const drawn = signature(at);
  if (cell.dataset.drawn === drawn) return;
  cell.dataset.drawn = drawn;
  const { text, signs, parts, total } = described(at, node, map.column.cells[column].node);
  const isGap = !map.base.total[at];
  const changed = map.before && map.before.total[at] !== map.grid.total[at];
  cell.className = [isGap ? "gap" : "", !total && !isGap ? "emptied" : "", changed ? "changed" : "", state.lens && kindOfCell(at) === state.lens ? "lit" : ""].filter(Boolean).join(" ");
  const content = total
    ? drawParts(parts, total, map.segments, { shapes: page.shapes, most: state.style === "heat" || state.style === "bars" ? map.mostInCell : map.most, style: state.style })
    : [];
  cell.replaceChildren(h("button", { type: "button", "aria-label": text, tabindex: -1, "data-open": "" }, content,
    signs.map(([name, sign]) => h("span", { class: `sign ${name}`, "aria-hidden": "true" }, sign))));
}

/** The text of a cell for those who do not see it, and the signs beside its marks. */
export function described(at, row, column, grid = page.map.grid) {
  const { map } = page;
  const parts = partsOf(grid, map.segments, at);
  const total = grid.total[at];
  const names = `${row.label}, ${column.label}`;
  if (!total) {
    const text = map.base.total[at] ? t("none_with_filters") : t(`gap_${gapOf(row, column)}`);
    return withChange({ text: `${names}: ${text}`, signs: changeSign(at), parts, total }, row, column);
  }
  const implied = (part) => (part.implied ? `(${t("of_them_implied", { n: part.implied })})` : "");
  const said = parts.map((part) => [count(part.n), partName(map.segments, part), implied(part)].filter(Boolean).join(" "));
  const signs = [];
  const notes = [];
  if (!grid.direct[at]) { signs.push(["indirect", "~"]); notes.push(t("indirect")); }
  const flagged = Object.entries(grid.flagged.get(at) ?? {});
  if (flagged.length) { signs.push(["caution", "!"]); notes.push(...flagged.map(([status, n]) => `${n} ${t(`standing_${status}`)}`)); }
  if (total === 1) notes.push(t("one_study"));
  else if (grid.sample[at] >= 0) notes.push(t("one_sample"));
  const text = `${names}: ${[listed(said), ...notes].join("; ")}`;
  return withChange({ text, signs: [...signs, ...changeSign(at)], parts, total }, row, column);
}

/** Adds what changed since the release that the page compares with. */
function withChange(cell, row, column) {
  const change = changeOf(row, column);
  return change ? { ...cell, text: `${cell.text}; ${change}`, signs: [...cell.signs, ["since", "●"]] } : cell;
}

function changeSign(at) {
  const { before, grid } = page.map;
  return before && before.total[at] !== grid.total[at] ? [["was", t("was", { n: before.total[at] })]] : [];
}

/** Draws again what a change of the filters touches. */
export function redrawCells() {
  for (const row of rows) if (row.dataset.row !== undefined && row.cells.length > 1) drawRow(row);
  drawTotals();
}

function drawTotals() {
  const { map } = page;
  for (const row of rows) if (row.dataset.row !== undefined) total($("th .total", row), map.grid.rows[row.dataset.row]);
  for (const head of $$("#grid thead th[data-column]")) total($(".total", head), map.grid.columns[head.dataset.column]);
}

function total(span, n) {
  span.replaceChildren(number(n), hidden(` ${t("total_means", { n: count(n) })}`));
  span.title = t("total_means", { n: count(n) });
}

function onClick({ target }) {
  const pressed = target.closest("button");
  if (!pressed) return;
  if (pressed.dataset.fold) {
    const open = pressed.getAttribute("aria-expanded") !== "true";
    change({ folds: new Map(state.folds).set(pressed.dataset.fold, open) });
    $(`[data-fold="${CSS.escape(pressed.dataset.fold)}"]`)?.focus();
  } else if (pressed.closest("th[scope=row]") && matchMedia("(max-width: 40rem)").matches) {
    pressed.closest("tr").classList.toggle("unfolded"); // a phone shows a list of rows that open
  } else change({ cell: addressOf(pressed) });
}

/** The address of a cell, row or column: the ids of its nodes. */
function addressOf(pressed) {
  const place = pressed.closest("th, td");
  const { map } = page;
  if (place.closest("thead")) return `/${place.dataset.node}`;
  const row = place.parentElement.dataset.node;
  return place.tagName === "TH" ? `${row}/` : `${row}/${map.column.cells[place.dataset.column].node.id}`;
}

/** The nodes that an address names, `[row, column]`, or null where the map has none such. */
export function nodesAt(address) {
  if (!address) return null;
  const [row, column] = address.split("/");
  const found = [row && findNode(page.map.trees.row, row), column && findNode(page.map.trees.column, column)];
  return (row && !found[0]) || (column && !found[1]) ? null : [found[0] || null, found[1] || null];
}

/** Shows the cell that is open, and moves the focus to it if asked. */
export function showOpen(focus = false) {
  for (const each of $$("#grid .open")) each.classList.remove("open");
  const nodes = nodesAt(state.cell);
  if (!nodes) return;
  const [row, column] = nodes;
  const tr = row ? $(`#grid tr[data-node="${CSS.escape(row.id)}"]`) : $$("#grid thead tr").at(-1);
  if (!tr) return;
  fill(tr);
  const at = column ? page.map.column.cells.findIndex((entry) => entry.node === column) : -1;
  const cell = row ? tr.cells[tr.dataset.row === undefined ? 0 : at + 1] : $(`#grid thead th[data-node="${CSS.escape(column.id)}"]`);
  if (!cell) return;
  cell.classList.add("open");
  if (focus) ($("[data-open]", cell) ?? cell).focus();
}

/** Makes one button of the table reachable by Tab; the arrow keys reach the others. */
function rove(pressed) {
  if (!pressed) return;
  for (const each of $$("#grid button[tabindex='0']")) each.tabIndex = -1;
  for (const each of $$("#grid button:not([tabindex])")) each.tabIndex = -1;
  pressed.tabIndex = 0;
}

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function onKey(event) {
  const place = event.target.closest("th, td");
  const table = place.closest("table");
  const next = nextPlace(table, place, event);
  if (next === undefined) return;
  event.preventDefault();
  const pressed = next && $("[data-open]", next);
  if (!pressed) return;
  pressed.focus();
  if (state.cell) change({ cell: addressOf(pressed) }); // an open panel follows
}

/** Where a key leads: a cell, null for nowhere, undefined for a key that does not move. */
function nextPlace(table, place, { key, ctrlKey }) {
  const inHead = place.closest("thead") !== null;
  const matrix = inHead ? matrixOf(table.tHead) : null;
  if (STEPS[key]) {
    const [down, across] = STEPS[key];
    const right = across * (getComputedStyle(table).direction === "rtl" ? -1 : 1);
    if (inHead) return inHeads(matrix, place, down, right);
    return right ? place.parentElement.cells[place.cellIndex + right] ?? null : nextRow(table, place, down);
  }
  if (key !== "Home" && key !== "End") return undefined;
  const at = key === "Home" ? 0 : -1;
  if (ctrlKey) return at === 0 ? $$("thead th", table)[0] : [...fill(rows.at(-1)).cells].at(-1);
  return inHead ? matrix.find((line) => line.includes(place)).filter((cell) => $("[data-open]", cell)).at(at) : [...place.parentElement.cells].at(at);
}

function nextRow(table, place, down) {
  const { column } = place.dataset;
  for (let n = rows.indexOf(place.parentElement) + down; rows[n]; n += down) {
    const row = fill(rows[n]);
    const cell = column === undefined ? row.cells[0] : $(`td[data-column="${column}"]`, row);
    if (cell) return cell;
  }
  return down < 0 && column !== undefined ? $(`thead th[data-column="${column}"]`, table) : null;
}

function inHeads(matrix, place, down, right) {
  let y = matrix.findIndex((line) => line.includes(place));
  let x = matrix[y].indexOf(place);
  do {
    y += down;
    x += right;
  } while (matrix[y]?.[x] === place);
  if (y < matrix.length) return matrix[y]?.[x] ?? null;
  const row = rows.find((each) => each.dataset.row !== undefined);
  return row ? $(`td[data-column="${x - 1}"]`, fill(row)) : null;
}

/** The cells of the head by row and column, where those that span several are in each. */
function matrixOf(head) {
  const matrix = [];
  [...head.rows].forEach((row, y) => {
    matrix[y] ??= [];
    for (const cell of row.cells) {
      let x = 0;
      while (matrix[y][x]) x++;
      for (let down = 0; down < cell.rowSpan; down++) {
        for (let right = 0; right < cell.colSpan; right++) (matrix[y + down] ??= [])[x + right] = cell;
      }
    }
  });
  return matrix;
}

function drawLegend() {
  const { map } = page;
  const { segments } = map;
  const used = new Set();
  for (let at = 0; at < map.base.total.length; at++) for (const part of partsOf(map.base, segments, at)) used.add(2 * part.key + (part.absent ? 1 : 0));
  const keys = segments.parts.filter((part) => used.has(2 * part.key + (part.absent ? 1 : 0)) && !part.absent);
  const implied = map.base.implied.some(Boolean);
  const absent = segments.parts.some((part) => part.absent && used.has(2 * part.key + 1));
  const item = (sign, text) => h("span", { class: "key" }, sign, h("span", {}, text));
  const sample = (part) => {
    const value = segments.isDirection && segments.dimension.isCoded(part.key) ? segments.dimension.values[part.key] : null;
    if (state.style !== "bubble" || !value) return h("span", { class: `swatch ${value ?? `texture-${part.key % 6}`}` });
    return mark(page.shapes, value, 1, 10, { text: false });
  };
  $("#legend").replaceChildren(...[
    ...(segments.dimension && state.style !== "heat" ? keys.map((part) => item(sample(part), partName(segments, part))) : []),
    absent && item(h("b", {}, ABSENT), t("key_absent")),
    implied && item(h("span", { class: "swatch implied" }), t("key_implied")),
    item(h("span", { class: "swatch gap" }), t("key_gap")),
    map.base.direct.some((direct, at) => !direct && map.base.total[at]) && item(h("span", { class: "sign indirect" }, "~"), t("indirect")),
    page.data.since && map.isDeclared && item(h("span", { class: "sign since" }, "●"), t("key_since", { name: page.data.since.name })),
    map.base.flagged.size > 0 && item(h("span", { class: "sign caution" }, "!"), t("key_caution")),
  ].filter(Boolean));
}
