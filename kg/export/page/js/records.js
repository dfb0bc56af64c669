/** Studies with their findings, as the panel and the graph list them. */
import { fieldsOf, STYLES } from "./cite.js";
import { announce, button, h, select } from "./dom.js";
import { valuesOf } from "./download.js";
import { keysOf } from "./model.js";
import { labelOf, page, wordOf } from "./page.js";
import { marked, termsOf } from "./search.js";
import { change, state } from "./state.js";
import { count, t } from "./words.js";

const FIRST = 60;
let style = "APA";

const DOI = /^10\.[0-9]{4,9}\/\S+$/;

/** The link of a DOI, or null for anything that is not one. */
export const doiUrl = (doi) => (doi && DOI.test(doi) ? `https://doi.org/${encodeURIComponent(doi).replace(/%2F/g, "/").replace(/%3A/g, ":").replace(/%3B/g, ";").replace(/%2C/g, ",").replace(/%28/g, "(").replace(/%29/g, ")")}` : null);

const terms = () => termsOf(state.text);

export function nameOf(study) {
  const { studies } = page.data;
  const label = studies.label?.[study];
  return [label && `[${label}]`, studies.short?.[study]].filter(Boolean).join(" ") || studies.id[study];
}

/** The title of a study as a link to its DOI. */
export function titleOf(study) {
  const { studies } = page.data;
  const title = studies.title?.[study] ?? (studies.doi?.[study] ? `doi:${studies.doi[study]}` : null);
  const url = doiUrl(studies.doi?.[study]);
  if (!title) return null;
  return url ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, marked(title, terms())) : h("span", {}, marked(title, terms()));
}

/** The file and row that a finding was read from. */
function placeOf(finding) {
  const { file, row } = page.data.findings;
  return file?.[finding] ? t("file_row", { file: file[finding], row: String(row?.[finding] ?? "") }) : null;
}

/** What a finding says: its factor, outcomes and direction, its note, and where it stands. */
export function findingItem(finding) {
  const { findings, byId } = page.data;
  const names = (id) => (byId[id] ? [...keysOf(byId[id].finding, finding)].map((key) => byId[id].names[key]) : []);
  const key = byId.direction ? keysOf(byId.direction.finding, finding)[0] : undefined;
  const direction = key === undefined ? null : byId.direction.values[key];
  const [factors, outcomes] = [names("factor"), names("outcome")];
  const pole = names("pole")[0];
  const badges = [pole === "absence" && t("key_absent"), findings.tabulated?.[finding] === false && t("prose_only"),
    names("certainty")[0] && t(`certainty_${names("certainty")[0]}`), findings.implied?.[finding] && t("implied_finding")].filter(Boolean);
  return h("li", { class: direction ?? "plain" },
    h("div", { class: "tie" }, direction ? h("b", {}, wordOf(byId.direction, key)) : null, " ", marked(factors.join("; "), terms()), " → ", outcomes.length ? marked(outcomes.join("; "), terms()) : t("no_outcome")),
    findings.note?.[finding] && h("div", { class: "note" }, marked(findings.note[finding], terms())),
    h("div", { class: "where" }, [findings.locator?.[finding], placeOf(finding), findings.coder?.[finding]].filter(Boolean).join(" · "),
      badges.map((text) => h("span", { class: "badge" }, text))));
}

/** A link to where the study can be read without paying, if its address is one of the web. */
function freeLink(study) {
  const address = page.data.studies.oa_url?.[study];
  if (!address || !/^https?:\/\//i.test(address) || !URL.canParse(address)) return null;
  return [" ", h("a", { href: address, class: "badge", target: "_blank", rel: "noopener noreferrer" }, t("open_access"))];
}

function studyArticle(study, findings) {
  const { studies } = page.data;
  const standing = studies.standing?.[study];
  const more = h("details", { toggle: () => { if (more.open && !more.children[1]) more.append(everythingOn(study, findings)); } }, h("summary", {}, t("more_on_study")));
  return h("article", { class: "study" }, h("div", {}, h("b", {}, marked(nameOf(study), terms())), " ", titleOf(study), freeLink(study),
    standing && h("span", { class: "badge warn" }, studies.standing_said?.[study] ?? t(`standing_${standing}`))),
    findings.length ? h("ul", {}, findings.map(findingItem)) : null, more);
}

/** What else the study says: its facets and texts, its other findings, its citation. */
function everythingOn(study, here) {
  const { data } = page;
  const facts = data.dims.filter((dimension) => dimension.of === "study" && dimension.size)
    .map((dimension) => [labelOf(dimension), valuesOf(dimension, study, -1).map((key) => dimension.names[key]).join("; ")]);
  const texts = data.texts.map((text) => [text.label, text.studies[study]]);
  const reports = data.studies.reports?.[study]?.length ? [[t("reports"), data.studies.reports[study].join("; ")]] : [];
  const rest = [];
  for (let f = data.first[study]; f < data.first[study + 1]; f++) if (!here.includes(f)) rest.push(f);
  return h("div", { class: "more" },
    h("dl", {}, [[t("authors"), data.studies.authors?.[study]], ...reports, ...facts, ...texts].filter(([, value]) => value)
      .flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, marked(value, terms()))])),
    rest.length ? [h("h4", {}, t("other_findings", { n: rest.length })), h("ul", {}, rest.map(findingItem))] : null,
    citation(study),
    h("p", {}, button(t("map_without"), () => change({ without: [...state.without, { study }] }))));
}

function citation(study) {
  const text = h("blockquote", {});
  const write = () => { text.textContent = STYLES[style](fieldsOf(page.data.studies, study)); };
  write();
  return h("div", { class: "cite" }, text,
    h("label", {}, `${t("style")} `, select(Object.keys(STYLES).map((name) => [name, name]), style, (value) => { style = value; write(); })), " ",
    button(t("copy_citation"), () => copy(text.textContent)));
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    announce(t("copied"));
  } catch { // no clipboard, as in a file that is opened from a disk
    const area = h("textarea", { class: "sr" }, text);
    document.body.append(area);
    area.select();
    announce(document.execCommand("copy") ? t("copied") : t("not_copied"));
    area.remove();
  }
}

/** Lists pairs of a study and a finding (-1 where there is none), by direction where they have one. */
export function recordList(pairs) {
  const { direction } = page.data.byId;
  const groups = new Map();
  for (const [study, finding] of pairs) {
    const key = finding >= 0 && direction ? keysOf(direction.finding, finding)[0] ?? -1 : -1;
    if (!groups.has(key)) groups.set(key, new Map());
    const byStudy = groups.get(key);
    byStudy.set(study, [...(byStudy.get(study) ?? []), ...(finding >= 0 ? [finding] : [])]);
  }
  const several = groups.size > 1 || [...groups.keys()].some((key) => key >= 0);
  return [...groups].sort(([a], [b]) => (a < 0 ? 99 : a) - (b < 0 ? 99 : b)).flatMap(([key, byStudy]) => {
    const name = key >= 0 ? wordOf(direction, key) : t("without_direction");
    const articles = [...byStudy].map(([study, findings]) => () => studyArticle(study, findings));
    return [several && h("h3", { class: key >= 0 ? direction.values[key] : "plain" }, name, " ", h("small", {}, count(byStudy.size))), paged(articles)];
  }).filter(Boolean);
}

/** The first of many items, and a button for the others; `items` are functions that draw one. */
export function paged(items, first = FIRST) {
  const box = h("div", {}, items.slice(0, first).map((draw) => draw()));
  if (items.length > first) {
    const more = button(t("show_all", { n: items.length }), () => { more.replaceWith(...items.slice(first).map((draw) => draw())); }, { class: "wide" });
    box.append(more);
  }
  return box;
}
