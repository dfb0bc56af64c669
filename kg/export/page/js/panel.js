/** The panel beside the map: the findings behind a cell, a row or a column, and two of them side by side. */
import { $, button, h } from "./dom.js";
import { saveBibtex, saveFindings, saveRis } from "./download.js";
import { studiesWith, whyEmpty } from "./gaps.js";
import { nodesAt } from "./map.js";
import { page, placementsIn } from "./page.js";
import { paged, recordList } from "./records.js";
import { change, state } from "./state.js";
import { count, t } from "./words.js";

/** Draws the open cell, beside the one that it is compared with. */
export function drawPanel() {
  const nodes = nodesAt(state.cell);
  const panel = $("#panel");
  panel.hidden = !nodes;
  document.documentElement.classList.toggle("with-panel", Boolean(nodes));
  if (!nodes) return panel.replaceChildren();
  const pinned = state.pinned && state.pinned !== state.cell ? nodesAt(state.pinned) : null;
  panel.classList.toggle("comparing", Boolean(pinned));
  panel.replaceChildren(pinned ? sideOf(pinned, true) : "", sideOf(nodes, false));
}

export const closePanel = () => change({ cell: null, pinned: null });

/** @param {any[]} nodes */
function sideOf(nodes, isPinned) {
  const [row, column] = nodes;
  const { placements } = page.map;
  const pairs = placementsIn(row, column).map((at) => [placements.study[at], placements.finding[at]]);
  const studies = [...new Set(pairs.map(([study]) => study))];
  const findings = new Set(pairs.map(([, finding]) => finding).filter((finding) => finding >= 0)).size;
  const title = [row?.label, column?.label].filter(Boolean).join(" → ");
  const definitions = [[page.map.rows, row], [page.map.columns, column]]
    .map(([dimension, node]) => (node && node.keys.length === 1 && dimension.definitions[node.keys[0]] ? `${node.label}: ${dimension.definitions[node.keys[0]]}` : null)).filter(Boolean);
  const head = h("div", { class: "bar" }, h("h2", { tabindex: -1 }, title),
    button("×", isPinned ? () => change({ pinned: null }) : closePanel, { class: "icon", "aria-label": t("close") }));
  const counts = h("p", { class: "hint" }, count(studies.length), findings ? `, ${count(findings, "finding")}` : "", page.found.active ? ` ${t("with_filters")}` : "");
  const actions = h("p", { class: "actions" },
    studies.length ? [button("CSV", () => saveFindings(title, pairs)), button("RIS", () => saveRis(title, studies)), button("BibTeX", () => saveBibtex(title, studies))] : null,
    isPinned || state.pinned === state.cell ? null : button(t("compare"), () => change({ pinned: state.cell })),
    state.pinned === state.cell ? h("span", { class: "hint" }, t("compare_with")) : null);
  return h("section", { class: "side", "aria-label": title }, head, counts, definitions.map((text) => h("p", { class: "hint" }, text)), actions,
    pairs.length ? recordList(pairs) : emptySide(row, column));
}

function emptySide(row, column) {
  const base = row && column ? placementsIn(row, column, page.all).length : 0;
  if (base) return h("p", {}, t("none_with_filters"));
  if (!row || !column) return h("p", {}, t("nothing_here"));
  return h("div", {}, h("p", { class: "why" }, whyEmpty(row, column)), [row, column].map((node, side) => {
    const studies = studiesWith(node, side).filter((study) => page.found.studyShown[study]);
    return studies.length ? [h("h3", {}, t("studies_of", { label: node.label }), " ", h("small", {}, count(studies.length))),
      paged(studies.map((study) => () => recordList([[study, -1]])).map((draw) => () => h("div", {}, draw())), 10)] : null;
  }));
}
