/** Files made of what is shown: CSV, RIS, BibTeX, SVG and PNG. */
import { bibtexOf, fieldsOf, risOf } from "./cite.js";
import { h } from "./dom.js";
import { keysOf } from "./model.js";
import { page } from "./page.js";
import { slug } from "./words.js";

export function save(name, type, ...parts) {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export const fileName = (title, ending) => `${slug(title).slice(0, 60) || "evidence"}.${ending}`;

// RFC 4180 with a byte order mark, and no cell that a spreadsheet would run as a formula
const FORMULA = /^[\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
const csvCell = (value) => {
  const text = String(value ?? "");
  return `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
};

export function saveCsv(title, header, rows) {
  const text = [header, ...rows].map((row) => `${row.map(csvCell).join(",")}\r\n`).join("");
  save(fileName(title, "csv"), "text/csv;charset=utf-8", "\ufeff", text);
}

const YES_NO = { true: "yes", false: "no" };

/** One row for each finding, or study without one: `[[study, finding], …]`, where -1 is no finding. */
export function saveFindings(title, pairs) {
  const { studies, findings, dims, texts } = page.data;
  const plain = ["label", "short", "authors", "year", "title", "doi", "standing"].filter((name) => studies[name]);
  const own = ["locator", "note", "tabulated", "file", "row", "coder"].filter((name) => findings[name]);
  const shownDims = dims.filter((dimension) => dimension.size && dimension.id !== "year");
  const header = ["study", ...plain, ...shownDims.map((dimension) => dimension.id), ...own, ...texts.map((text) => text.label)];
  saveCsv(title, header, pairs.map(([study, finding]) => [
    studies.id[study], ...plain.map((name) => studies[name][study]),
    ...shownDims.map((dimension) => valuesOf(dimension, study, finding).map((key) => dimension.values[key]).join("; ")),
    ...own.map((name) => (finding < 0 ? "" : YES_NO[findings[name][finding]] ?? findings[name][finding])),
    ...texts.map((text) => text.studies[study]),
  ]));
}

/** The coded values of a finding, or of its study. */
export function valuesOf(dimension, study, finding) {
  const own = finding >= 0 ? [...keysOf(dimension.finding, finding)] : [];
  const keys = own.length || (dimension.ofFindings && finding >= 0) ? own : [...keysOf(dimension.study, study)];
  return keys.filter((key) => dimension.isCoded(key));
}

export function saveRis(title, studies) {
  save(fileName(title, "ris"), "application/x-research-info-systems;charset=utf-8", studies.map((n) => risOf(fieldsOf(page.data.studies, n))).join("\r\n"));
}

export function saveBibtex(title, studies) {
  const keys = new Set();
  save(fileName(title, "bib"), "application/x-bibtex;charset=utf-8", studies.map((n) => bibtexOf(fieldsOf(page.data.studies, n), keys)).join("\n"));
}

export function saveSvg(title, svg) {
  save(fileName(title, "svg"), "image/svg+xml;charset=utf-8", new XMLSerializer().serializeToString(svg));
}

/** Writes an image of 300 dots an inch, for a figure that is drawn at 96. */
export async function savePng(title, svg) {
  const scale = 300 / 96;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`;
  await image.decode();
  const canvas = h("canvas", { width: Math.round(svg.width.baseVal.value * scale), height: Math.round(svg.height.baseVal.value * scale) });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  save(fileName(title, "png"), "image/png", blob);
}
