/** The state of the view. It is kept in the address, so that a copied address shows the same view. */

export const state = {
  view: "map", map: 0, rows: "", columns: "", parts: null, style: "bubble", sort: "review", transpose: false, hideEmpty: false,
  /** Place of a dimension -> set of keys; place -> [from, to]. */
  filters: new Map(), ranges: new Map(),
  text: "", tables: false, without: [],
  /** Nodes of the axes that were opened or closed by hand: id -> whether it is open. */
  folds: new Map(),
  /** The open cell and the one it is compared with, as `row/column` of node ids; a blank side stands for all. */
  cell: null, pinned: null, lens: "",
  focus: "", kinds: "", figure: "", table: "", by: "", order: "",
};

const PLAIN = ["view", "style", "sort", "lens", "cell", "pinned", "rows", "columns", "focus", "kinds", "figure", "table", "by", "order"];
const DEFAULTS = { ...state };
/** @type {(changed: Set<string>) => void} */
let listener = () => {};

/** Calls back with the names of what changed. */
export function onChange(callback) {
  listener = callback;
}

/** Changes the state, the address and the page. */
export function change(patch) {
  Object.assign(state, patch);
  save();
  listener(new Set(Object.keys(patch)));
}

export function toggle(dimension, key, on) {
  const filters = new Map(state.filters);
  const keys = new Set(filters.get(dimension));
  if (on) keys.add(key);
  else keys.delete(key);
  if (keys.size) filters.set(dimension, keys);
  else filters.delete(dimension);
  change({ filters });
}

export const reset = () => change({ filters: new Map(), ranges: new Map(), text: "", tables: false, without: [] });

let data;

/** Writes and reads the address. Values are named by their labels, so that an address outlives a new edition. */
export function bind(model) {
  data = model;
  addEventListener("hashchange", () => {
    if (location.hash.slice(1) === text) return;
    read();
    listener(new Set(Object.keys(state)));
  });
  read();
}

let text = "";

function save() {
  const entries = [];
  for (const name of PLAIN) if (state[name] && state[name] !== DEFAULTS[name]) entries.push([name, state[name]]);
  if (state.map) entries.push(["map", data.maps[state.map].name]);
  if (state.parts != null) entries.push(["parts", state.parts]);
  for (const name of ["transpose", "hideEmpty", "tables"]) if (state[name]) entries.push([name, "1"]);
  if (state.text) entries.push(["q", state.text]);
  for (const [place, keys] of state.filters) {
    const { id, slugs } = data.dims[place];
    entries.push([`f.${id}`, [...keys].map((key) => slugs[key]).join("~")]);
  }
  for (const [place, range] of state.ranges) entries.push([`r.${data.dims[place].id}`, range.join("~")]);
  for (const each of state.without) entries.push(["without", withoutText(each)]);
  if (state.folds.size) entries.push(["folds", [...state.folds].map(([id, open]) => (open ? "" : "-") + id).join("~")]);
  text = new URLSearchParams(entries).toString();
  history.replaceState(null, "", `#${text}`);
}

function withoutText({ dimension, key, study }) {
  if (study != null) return `study~${data.studies.id[study]}`;
  return dimension === "standing" ? `standing~${key}` : `${data.dims[dimension].id}~${data.dims[dimension].slugs[key]}`;
}

/** @returns {any[]} */
function withoutOf(written) {
  const [name, ...rest] = written.split("~");
  const value = rest.join("~");
  if (name === "study") return data.studies.id.includes(value) ? [{ study: data.studies.id.indexOf(value) }] : [];
  if (name === "standing") return [{ dimension: "standing", key: value }];
  const dimension = data.byId[name];
  const key = dimension ? dimension.slugs.indexOf(value) : -1;
  return key < 0 ? [] : [{ dimension: dimension.place, key }];
}

function read() {
  text = location.hash.slice(1);
  const given = new URLSearchParams(text);
  Object.assign(state, DEFAULTS, { filters: new Map(), ranges: new Map(), folds: new Map(), without: given.getAll("without").flatMap(withoutOf) });
  for (const name of PLAIN) state[name] = given.get(name) ?? DEFAULTS[name];
  state.map = Math.max(0, data.maps.findIndex((map) => map.name === given.get("map")));
  state.parts = given.get("parts");
  for (const name of ["transpose", "hideEmpty", "tables"]) state[name] = given.get(name) === "1";
  state.text = given.get("q") ?? "";
  for (const [name, value] of given) {
    const dimension = data.byId[name.slice(2)];
    if (!dimension || name[1] !== ".") continue;
    if (name[0] === "f") {
      const keys = value.split("~").map((slug) => dimension.slugs.indexOf(slug)).filter((key) => key >= 0);
      if (keys.length) state.filters.set(dimension.place, new Set(keys));
    } else if (name[0] === "r") {
      const range = value.split("~").map(Number);
      if (range.length === 2 && range.every(Number.isFinite)) state.ranges.set(dimension.place, range);
    }
  }
  for (const id of (given.get("folds") ?? "").split("~").filter(Boolean)) state.folds.set(id.replace(/^-/, ""), id[0] !== "-");
}
