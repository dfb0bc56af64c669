/** The list of studies, of which only the first rows are drawn until someone asks for more. */
import { $, button, h, hidden } from "./dom.js";
import { saveBibtex, saveCsv, saveRis, valuesOf } from "./download.js";
import { page } from "./page.js";
import { nameOf, recordList, titleOf } from "./records.js";
import { change, state } from "./state.js";
import { count, number, t } from "./words.js";

const FIRST = 100;
const COLUMNS = ["design", "methods", "setting", "country", "publication_type"];

function columnsOf() {
  const { data } = page;
  const shown = COLUMNS.filter((id) => data.byId[id]?.ofFindings === false).slice(0, 3);
  const facets = shown.map((id) => [id, t(`dim_${id}`), (study) => valuesOf(data.byId[id], study, -1).map((key) => data.byId[id].names[key]).join("; ")]);
  return [
    ["study", t("study"), (study) => nameOf(study)],
    ["title", t("title"), (study) => data.studies.title?.[study] ?? ""],
    ["year", t("dim_year"), (study) => data.studies.year?.[study] ?? null],
    ...facets,
    ...(data.studies.standing ? [["standing", t("standing"), (study) => data.studies.standing_said?.[study] ?? ""]] : []),
    ["findings", t("findings"), (study) => findingsOf(study).length],
  ];
}

function findingsOf(study) {
  const { data, found } = page;
  const own = [];
  for (let f = data.first[study]; f < data.first[study + 1]; f++) if (found.findingShown[f]) own.push(f);
  return own;
}

function sorted(columns) {
  const [id, down] = state.order.split("~");
  const shown = [...page.found.studyShown.keys()].filter((study) => page.found.studyShown[study]);
  const column = columns.find(([name]) => name === id);
  if (!column) return shown;
  const values = new Map(shown.map((study) => [study, column[2](study)]));
  const blank = (value) => value == null || value === "";
  return shown.sort((a, b) => {
    const [x, y] = [values.get(a), values.get(b)];
    if (blank(x) || blank(y)) return Number(blank(x)) - Number(blank(y));
    return (down ? -1 : 1) * (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), undefined, { numeric: true }));
  });
}

export function drawStudies() {
  const columns = columnsOf();
  const list = sorted(columns);
  const [id, down] = state.order.split("~");
  const head = columns.map(([name, label]) => h("th", { scope: "col", "aria-sort": name === id ? (down ? "descending" : "ascending") : null },
    button(label, () => change({ order: name === id && !down ? `${name}~down` : name }), { class: "sort" })));
  const row = (study) => {
    const tr = h("tr", {}, columns.map(([name, , value]) => {
      if (name === "study") return h("th", { scope: "row" }, button(nameOf(study), () => open(tr, study, columns.length), { class: "link", "aria-expanded": "false" }));
      if (name === "title") return h("td", { class: "title" }, titleOf(study));
      return h("td", { class: name === "findings" || name === "year" ? "number" : null }, value(study));
    }));
    return tr;
  };
  const body = h("tbody", {}, list.slice(0, FIRST).map(row));
  const more = list.length > FIRST ? button(t("show_all", { n: list.length }), () => { body.append(...list.slice(FIRST).map(row)); more.remove(); }, { class: "wide" }) : null;
  const name = t("studies");
  $("#studies").replaceChildren(h("div", { class: "bar" }, h("p", { class: "hint" }, count(list.length)),
    h("p", { class: "actions" }, button("CSV", () => saveCsv(name, columns.map(([, label]) => label), list.map((study) => columns.map(([, , value]) => value(study) ?? "")))),
      button("RIS", () => saveRis(name, list)), button("BibTeX", () => saveBibtex(name, list)))),
  h("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": name }, h("table", { class: "list" }, h("caption", {}, hidden(name)), h("thead", {}, h("tr", {}, head)), body)), more ?? "");
}

function open(row, study, width) {
  const pressed = $("button", row);
  const isOpen = pressed.getAttribute("aria-expanded") === "true";
  pressed.setAttribute("aria-expanded", String(!isOpen));
  if (isOpen) return row.nextElementSibling.remove();
  const own = findingsOf(study);
  row.after(h("tr", { class: "opened" }, h("td", { colspan: width }, recordList(own.length ? own.map((f) => [study, f]) : [[study, -1]]))));
}

/** The counts of studies, for the tab. */
export const studyCount = () => number(page.found.studies);
