/** The question, the searches, the codebook and how to read the map. */
import { $, button, h } from "./dom.js";
import { labelOf, page } from "./page.js";
import { copy, doiUrl } from "./records.js";
import { count, t } from "./words.js";

export function drawAbout() {
  const { data } = page;
  const { meta } = data;
  const url = doiUrl(meta.doi);
  const facts = [[t("question"), meta.question], [t("cite_as"), meta.citation], ["DOI", url ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, meta.doi) : meta.doi],
    [t("size"), [count(data.studies.n), count(data.findings.n, "finding")].join(", ")], [t("search_date"), meta.search_date], [t("only"), meta.only],
    [t("left_out"), meta.left_out], [t("licence"), meta.licence], [t("made_by"), meta.version], [t("data"), meta.data_sha256 && h("code", {}, meta.data_sha256.slice(0, 16))]];
  $("#about").replaceChildren(h("div", { class: "prose" },
    meta.stale ? h("p", { class: "warning" }, t("stale", meta.stale)) : null,
    h("dl", { class: "facts" }, facts.filter(([, value]) => value).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    meta.citation ? h("p", {}, button(t("copy_citation"), () => copy(meta.citation))) : null,
    searches(), reading(), stated(), codebook()));
}

function searches() {
  const { searches: listed } = page.data;
  if (!listed.length) return null;
  return [h("h2", {}, t("searches")), h("ul", {}, listed.map((each) => h("li", {}, [each.date, each.source ?? each.platform, each.query, each.hits != null ? t("hits", { n: each.hits }) : null].filter(Boolean).join(" · "))))];
}

function reading() {
  const rules = ["counts", "direction", "absence", "gap", "totals", "implied", "prose", "standing", "filters"];
  return [h("h2", {}, t("how_to_read")), h("ul", {}, rules.map((rule) => h("li", {}, h("b", {}, t(`read_${rule}_head`)), " ", t(`read_${rule}`))))];
}

function stated() {
  const { stated: listed } = page.data;
  if (!listed.length) return null;
  return [h("h2", {}, t("stated_gaps")), h("ul", {}, listed.map((gap) => h("li", {}, h("b", {}, gap.kind), ": ", gap.statement, gap.locator ? ` (${gap.locator})` : "")))];
}

/** Every vocabulary and facet with its values and their definitions, closed until someone opens it. */
function codebook() {
  const { data } = page;
  const section = (dimension) => {
    const made = h("details", { toggle: () => { if (made.open && made.children.length === 1) made.append(valuesOf(dimension)); } },
      h("summary", {}, labelOf(dimension), " ", h("small", {}, t("n_values", { n: dimension.size }))));
    return made;
  };
  return [h("h2", {}, t("codebook")), data.dims.filter((dimension) => dimension.size).map(section)];
}

function valuesOf(dimension) {
  return h("dl", {}, dimension.names.slice(0, dimension.size).flatMap((name, key) => [h("dt", {}, name), h("dd", {}, dimension.definitions[key] ?? "")]));
}
