/** The marks in a cell: shape, size and number for each direction, or stacked parts for any other facet. */
import { apart } from "./cells.js";
import { h, hidden } from "./dom.js";
import { wordOf } from "./page.js";
import { count, number, t } from "./words.js";

export const ABSENT = "∅";
const [SMALLEST, LARGEST] = [24, 44];
const TEXTURES = 6;

/** The area of a mark grows with its number of studies; the number is always inside and never wider than the mark. */
export function mark(shapes, kind, n, most, { absent = false, implied = false, text = true } = {}) {
  const share = most > 1 ? Math.min(1, (n - 1) / (most - 1)) : 0;
  const side = Math.sqrt(SMALLEST ** 2 + (LARGEST ** 2 - SMALLEST ** 2) * share).toFixed(1);
  const [path, y] = shapes[kind];
  const written = `${absent ? ABSENT : ""}${implied ? `(${n})` : n}`;
  return h("svg", { class: `mark ${kind}${implied ? " implied" : ""}`, width: side, height: side, viewBox: "0 0 24 24", "aria-hidden": "true" },
    h("path", { d: path }),
    text && h("text", { direction: "ltr", x: 12, y, "font-size": sizeOf(written) }, written));
}

/** Numbers of two digits fit at full size; longer ones, and the wide sign of absence, are smaller. */
const sizeOf = (written) => [12.5, 12.5, 12, 9.5, 7.5, 6.5][Math.min(5, written.length + (written.includes(ABSENT) ? 1 : 0))];

/** What a part of a cell is called: "facilitator by absence of the factor", or the name of a value. */
export function partName(segments, part) {
  const { dimension } = segments;
  if (!dimension) return "";
  const name = wordOf(dimension, part.key);
  return part.absent ? t("by_absence", { direction: name }) : name;
}

const known = (segments, part) => segments.isDirection && segments.dimension.isCoded(part.key);

/** The content of a cell in one of the styles. `most` is the count of the largest mark. */
export function drawParts(parts, total, segments, { shapes, most, style }) {
  const name = (part) => `${part.n} ${partName(segments, part)} `;
  if (style === "numbers") {
    return apart(parts).map((part) => h("span", { class: `figure ${part.n === part.implied ? "implied" : ""}` },
      segments.isDirection ? `${part.absent ? ABSENT : ""}${part.n}${SIGNS[segments.dimension.values[part.key]] ?? ""}` : number(part.n), hidden(name(part))));
  }
  if (style === "heat") {
    const level = Math.min(5, Math.ceil((5 * total) / most));
    return [h("span", { class: `heat heat-${level}` }, number(total), hidden(` ${count(total)}: ${parts.map(name).join(", ")}`))];
  }
  if (style === "bars" || (!segments.isDirection && segments.dimension)) {
    const bars = apart(parts).map((part) => h("span", {
      class: `part ${known(segments, part) ? segments.dimension.values[part.key] : `texture-${part.key % TEXTURES}`}${part.implied === part.n ? " implied" : ""}`,
      style: { "flex-grow": String(part.n), ...colourOf(segments, part) },
      title: name(part),
    }, String(part.n), hidden(` ${partName(segments, part)} `)));
    return [h("span", { class: "stack", style: { "--share": `${Math.round(30 + 70 * Math.min(1, total / most))}%` } }, bars)];
  }
  if (!segments.dimension) return parts.flatMap((part) => marksOf(shapes, "plain", part, most));
  return parts.flatMap((part) => [...marksOf(shapes, segments.dimension.values[part.key] ?? "plain", part, most), hidden(` ${partName(segments, part)} `)]);
}

/** The sign of a direction beside a number, as in the terminal. */
export const SIGNS = { facilitator: "+", barrier: "−", mixed: "±", no_effect: "=", unspecified: "?" };

function colourOf(segments, part) {
  const colour = segments.dimension?.colours?.[part.key];
  return colour && /^#[0-9a-f]{6}$/i.test(colour) ? { "--mark": colour } : {};
}

/** A solid mark for the studies known to have examined the pair, a hollow one for the others. */
function marksOf(shapes, kind, { n, implied, absent }, most) {
  return [
    n > implied && mark(shapes, kind, n - implied, most, { absent }),
    implied > 0 && mark(shapes, kind, implied, most, { absent, implied: true }),
  ].filter(Boolean);
}
