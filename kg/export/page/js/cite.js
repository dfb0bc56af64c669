/** Citations in several styles, and the formats of reference managers. */
import { slug } from "./words.js";

/** "Bell, J. S." -> { family, given }; a name without a comma has its given names or initials last, as in PubMed. */
function person(name) {
  const [family, given] = name.split(/,\s*/, 2);
  if (given !== undefined) return { family: family.trim(), given: given.trim() };
  const match = /^(.+?)\s+((?:\p{Lu}\.?-?){1,4})$/u.exec(name.trim());
  return match ? { family: match[1], given: [...match[2].replace(/[.\s]/g, "")].map((letter) => (letter === "-" ? "-" : `${letter}.`)).join(" ") } : { family: name.trim(), given: "" };
}

export const people = (authors) => (authors ? authors.split(/\s*;\s*/).filter(Boolean).map(person) : []);
const initials = ({ given }) => given.replace(/(\p{L})\p{Ll}*\.?/gu, "$1").replace(/[^\p{L}-]/gu, "");
const dotted = (who) => [...initials(who)].filter((letter) => letter !== "-").map((letter) => `${letter}.`).join(" ");

/** Style -> a function from the fields of a study to its citation; what is not known is left out. */
export const STYLES = {
  APA: ({ who, year, title, doi }) => sentence([dated(and(who.map((each) => [each.family, dotted(each)].filter(Boolean).join(", ")), ", & "), year), title], doi),
  Vancouver: ({ who, year, title, doi }) => sentence([some(who.map((each) => [each.family, initials(each)].filter(Boolean).join(" "))), title, year], doi && `doi:${doi}`, true),
  Harvard: ({ who, year, title, doi }) => sentence([dated(and(who.map((each) => [each.family, dotted(each)].filter(Boolean).join(", ")), " and "), year), title && `‘${title}’`], doi),
  Chicago: ({ who, year, title, doi }) => sentence([and(who.map((each, n) => (n ? [each.given, each.family] : [each.family, each.given]).filter(Boolean).join(n ? " " : ", ")), ", and "), year ?? "n.d.", title && `“${title}”`], doi),
};

const and = (names, last) => (names.length < 2 ? names.join("") : names.slice(0, -1).join(", ") + last + names.at(-1));
const some = (names) => (names.length > 6 ? [...names.slice(0, 6), "et al"] : names).join(", ");

const dated = (names, year) => [names, `(${year ?? "n.d."})`].filter(Boolean).join(" ");
const ended = (text) => (/[.?!]$/.test(text) ? text : `${text}.`);

function sentence(parts, doi, plain = false) {
  const link = doi ? (plain ? doi : `https://doi.org/${doi}`) : "";
  return [...parts.filter(Boolean).map((part) => ended(String(part))), link].filter(Boolean).join(" ");
}

export const fieldsOf = (studies, n) => ({
  id: studies.id[n], who: people(studies.authors?.[n]), year: studies.year?.[n] ?? null,
  title: studies.title?.[n] ?? studies.short?.[n] ?? studies.id[n], doi: studies.doi?.[n] ?? null,
});

/** A value of RIS, in which a line end would start another field or record. */
const line = (value) => String(value).replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();

export function risOf(fields) {
  const rows = [["TY", "JOUR"], ["ID", fields.id], ...fields.who.map((each) => ["AU", [each.family, each.given].filter(Boolean).join(", ")]),
    ["TI", fields.title], ["PY", fields.year], ["DO", fields.doi], ["ER", ""]];
  return rows.filter(([, value]) => value !== null && value !== undefined).map(([tag, value]) => `${tag}  - ${line(value)}\r\n`).join("");
}

const ESCAPES = { "\\": "\\textbackslash{}", "{": "\\textbraceleft{}", "}": "\\textbraceright{}", $: "\\$", "&": "\\&", "#": "\\#", _: "\\_", "%": "\\%", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}" };
const tex = (value) => line(value).replace(/[\\{}$&#_%~^]/g, (character) => ESCAPES[character]);

/** BibTeX; `keys` holds the keys used so far, so that each is used once. */
export function bibtexOf(fields, keys) {
  const stem = slug(`${fields.who[0]?.family ?? "study"}${fields.year ?? ""}`).normalize("NFKD").replace(/[^a-z0-9]/g, "") || "study";
  let key = stem;
  for (let n = 1; keys.has(key); n++) key = `${stem}-${n}`;
  keys.add(key);
  const rows = [["author", fields.who.map((each) => [each.family, each.given].filter(Boolean).map(tex).join(", ")).join(" and ") || null],
    ["title", `{${tex(fields.title)}}`], ["year", fields.year], ["doi", fields.doi && line(fields.doi).replace(/[{}]/g, "")]];
  return `@article{${key},\n${rows.filter(([, value]) => value != null && value !== "").map(([name, value]) => `  ${name} = {${value}},\n`).join("")}}\n`;
}
