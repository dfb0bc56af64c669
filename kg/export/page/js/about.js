/** The question, the searches, the codebook and how to read the map. */
import { $, button, h } from "./dom.js";
import { labelOf, page } from "./page.js";
import { copy, doiUrl } from "./records.js";
import { count, t } from "./words.js";

export function drawAbout() {
  const { meta, searches } = page.data;
  $("#about").replaceChildren(h("div", { class: "prose" }, warning(lastSearch(meta, searches), meta.update_every, new Date()),
    h("dl", { class: "facts" }, facts().filter(([, value]) => value != null && value !== "").flatMap(([name, value]) => [h("dt", {}, t(name)), h("dd", {}, typeof value === "string" ? h("bdi", {}, value) : value)])),
    meta.citation ? h("p", {}, button(t("copy_citation"), () => copy(meta.citation))) : null,
    changed(), searchLog(), reading(), stated(), codebook()));
}

/** What a reader needs to judge and to cite the review: pairs of a word and what it says. */
function facts() {
  const { meta, studies, findings, searches } = page.data;
  return [
    ["question", meta.question], ["authors", meta.authors],
    ["inclusion_criteria", bullets(meta.inclusion_criteria)], ["exclusion_criteria", bullets(meta.exclusion_criteria)],
    ["protocol", linked(meta.protocol)], ["registration", linked(meta.registration)],
    ["search_date", lastSearch(meta, searches)], ["update_every", meta.update_every && count(meta.update_every, "month")],
    ["size", [count(studies.n), count(findings.n, "finding")].join(", ")], ["only", meta.only], ["left_out", meta.left_out && count(meta.left_out, "row")],
    ["version", meta.review_version], ["changes", meta.changes], ["cite_as", meta.citation], ["doi", linked(meta.doi)], ["licence", linked(meta.licence)],
    ["contact", linked(meta.contact)], ["made_by", meta.version], ["data", meta.data_sha256 && h("code", {}, meta.data_sha256.slice(0, 16))],
  ];
}

const bullets = (texts) => texts && h("ul", {}, texts.map((text) => h("li", {}, h("bdi", {}, text))));

/** A text in which web addresses are links; one that is a DOI or an address of mail as a whole is a link too. */
function linked(text) {
  if (!text) return null;
  const link = (href, shown) => h("a", { href, dir: "ltr", target: "_blank", rel: "noopener noreferrer" }, shown);
  if (doiUrl(text)) return link(doiUrl(text), text);
  if (/^[\w.+-]+@[\w-]+(\.[\w-]+)+$/.test(text)) return link(`mailto:${text}`, text);
  const parts = text.split(/(https?:\/\/[^\s<>"]*[^\s<>"'.,;:)])/).map((part, n) => (n % 2 ? link(part, part) : part));
  return h("bdi", {}, parts);
}

/** The date of the last search: the one that the review states, otherwise the newest in its search log. */
const lastSearch = (meta, searches) => meta.search_date || searches.map((each) => each.date).filter(lastDayOf).sort().at(-1);

/** The last day of a date: of its month or year where it names no day; null for a text that is no date. */
function lastDayOf(text) {
  const [, year, month, day] = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(text ?? "") ?? [];
  if (!year) return null;
  return day ? new Date(+year, +month - 1, +day) : new Date(+year, month ? +month : 12, 0);
}

/** A warning if the last search is more months ago than the review says it lets pass between updates. */
function warning(date, months, today) {
  const last = lastDayOf(date);
  if (!last || !months || new Date(last.getFullYear(), last.getMonth() + months, last.getDate() + 1) > today) return null;
  return h("p", { class: "warning" }, t("stale", { date, months: count(months, "month") }));
}

/** What changed since the release that the page compares with, besides the cells of the map. */
function changed() {
  const { since } = page.data;
  if (!since) return null;
  return [h("h2", {}, t("kind_since")), h("p", {}, t("means_since", { name: since.name })),
    h("ul", {}, since.other.map(([part, change, what, before, after, why]) => h("li", {}, h("bdi", {}, `${part} ${change}: ${[what, before && after ? `${before} → ${after}` : before || after, why].filter(Boolean).join("; ")}`))))];
}

function searchLog() {
  const { searches: listed } = page.data;
  if (!listed.length) return null;
  return [h("h2", {}, t("searches")), h("ul", {}, listed.map((each) => h("li", {}, [each.date, each.source ?? each.platform, each.query, each.hits != null ? count(each.hits, "hit") : null].filter(Boolean).join(" · "))))];
}

function reading() {
  const rules = ["counts", "direction", "absence", "gap", "totals", "implied", "prose", "standing", "filters"];
  return [h("h2", {}, t("how_to_read")), h("ul", {}, rules.map((rule) => h("li", {}, h("b", {}, t(`read_${rule}_head`)), " ", t(`read_${rule}`))))];
}

function stated() {
  const { stated: listed } = page.data;
  if (!listed.length) return null;
  return [h("h2", {}, t("stated_gaps")), h("ul", {}, listed.map((gap) => h("li", {}, gap.kind ? [h("b", {}, gap.kind), ": "] : null, gap.statement, gap.locator ? ` (${gap.locator})` : "")))];
}

/** Every vocabulary and facet with its values and their definitions, closed until someone opens it. */
function codebook() {
  const { data } = page;
  const section = (dimension) => {
    const made = h("details", { toggle: () => { if (made.open && made.children.length === 1) made.append(valuesOf(dimension)); } },
      h("summary", {}, labelOf(dimension), " ", h("small", {}, count(dimension.size, "value"))));
    return made;
  };
  return [h("h2", {}, t("codebook")), data.dims.filter((dimension) => dimension.size).map(section)];
}

function valuesOf(dimension) {
  return h("dl", {}, dimension.names.slice(0, dimension.size).flatMap((name, key) => [h("dt", {}, name), h("dd", {}, dimension.definitions[key] ?? "")]));
}
