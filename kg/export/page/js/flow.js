/** Two figures that filters do not change: the study flow as in PRISMA 2020, and the included studies that cite each other. */
import { h } from "./dom.js";
import { page } from "./page.js";
import { nameOf } from "./records.js";
import { GREY, INK, TEXT } from "./svg.js";
import { number, t } from "./words.js";

const [WIDE, GAP, LINE, LETTERS] = [245, 28, 15, 36];
/** The boxes of the middle column, each with what goes out to the right and what comes from other sources. */
const ROWS = [["identified", "removed", "other identified"], ["screened", "excluded"], ["sought", "not retrieved"], ["assessed", "not eligible", "other assessed"], ["included"]];

function wrapped(text) {
  const lines = [""];
  for (const word of text.split(" ")) {
    if (lines.at(-1).length + word.length > LETTERS && lines.at(-1)) lines.push("");
    lines[lines.length - 1] += (lines.at(-1) ? " " : "") + word;
  }
  return lines;
}

const counted = (n) => `(n\u00a0=\u00a0${number(n)})`;

function linesOf(box, { numbers, reasons }) {
  const n = numbers[box] ?? (box === "included" ? page.data.studies.n : undefined);
  const said = n === undefined ? t("not_stated").replace(/ /g, "\u00a0") : counted(n);
  return [...wrapped(`${t(`flow_${box.replace(/ /g, "_")}`)} ${said}`), ...(reasons[box] ?? []).flatMap(([name, n]) => wrapped(`– ${name.replace(/_/g, " ")} ${counted(n)}`))];
}

/** The flow; a review whose numbers do not add up says so instead. */
export function flowParts() {
  const { flow } = page.data;
  if (flow.problem) return { width: 700, height: 40 + LINE * 6, parts: wrapped(flow.problem).map((line, n) => h("text", { ...TEXT, x: 12, y: 24 + LINE * n }, line)) };
  const known = (box) => flow.numbers[box] !== undefined;
  const parts = [];
  let [y, above, aside] = [12, null, null];
  const draw = (column, height, lines) => {
    const x = 12 + column * (WIDE + GAP);
    parts.push(h("rect", { x, y, width: WIDE, height, fill: "#fff", stroke: INK }), lines.map((line, n) => h("text", { ...TEXT, x: x + 8, y: y + 17 + LINE * n }, line)));
    return { x, y, bottom: y + height, middle: x + WIDE / 2 };
  };
  const arrow = (x1, y1, x2, y2) => parts.push(h("line", { x1, y1, x2, y2, stroke: INK }),
    h("path", { fill: INK, d: x1 === x2 ? `M${x2} ${y2}l-4 -7h8z` : `M${x2} ${y2}l${x2 > x1 ? -7 : 7} -4v8z` }));
  for (const [box, out, other] of ROWS) {
    if (box !== "included" && box !== "identified" && box !== "screened" && !known(box) && !known(out)) continue;
    const boxes = [box, out, other && known(other) ? other : null].map((each) => (each ? linesOf(each, flow) : null));
    const height = Math.max(...boxes.filter(Boolean).map((lines) => lines.length)) * LINE + 12;
    const main = draw(0, height, boxes[0]);
    if (above) arrow(main.middle, above.bottom, main.middle, y);
    if (boxes[1]) { const side = draw(1, height, boxes[1]); arrow(main.x + WIDE, y + height / 2, side.x, y + height / 2); }
    if (boxes[2]) {
      const now = draw(2, height, boxes[2]);
      if (aside) arrow(now.middle, aside.bottom, now.middle, y);
      aside = now;
    }
    if (box === "included" && aside) {
      parts.push(h("line", { x1: aside.middle, x2: aside.middle, y1: aside.bottom, y2: y + height / 2, stroke: INK }));
      arrow(aside.middle, y + height / 2, main.x + WIDE, y + height / 2);
    }
    above = main;
    y += height + GAP;
  }
  return { width: 24 + WIDE * 3 + GAP * 2, height: y, parts };
}

/** Studies in the order of their years, joined by arcs from the citing to the cited one. */
export function citationParts() {
  const { cites, studies } = page.data;
  const shown = [...new Set(cites.flat())].sort((a, b) => (studies.year?.[a] ?? 0) - (studies.year?.[b] ?? 0) || a - b);
  const place = new Map(shown.map((study, n) => [study, 24 + 20 * n]));
  const cited = new Map();
  for (const [, study] of cites) cited.set(study, (cited.get(study) ?? 0) + 1);
  const left = 330;
  const reach = Math.min(360, 10 * shown.length);
  const arcs = cites.map(([from, to]) => {
    const [a, b] = [place.get(from), place.get(to)];
    return h("path", { d: `M${left} ${a}C${left + (reach * Math.abs(a - b)) / (20 * shown.length) + 20} ${a} ${left + (reach * Math.abs(a - b)) / (20 * shown.length) + 20} ${b} ${left} ${b}`, fill: "none", stroke: GREY, "stroke-opacity": 0.6 });
  });
  const names = shown.map((study) => [h("text", { ...TEXT, x: left - 12, y: place.get(study) + 4, "text-anchor": "end" }, `${nameOf(study).slice(0, 44)} (${cited.get(study) ?? 0})`),
    h("circle", { cx: left, cy: place.get(study), r: 2 + Math.sqrt(cited.get(study) ?? 0), fill: INK })]);
  return { width: left + reach + 30, height: 40 + 20 * shown.length, parts: [...arcs, ...names] };
}
