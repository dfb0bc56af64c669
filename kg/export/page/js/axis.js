/** The rows or columns of a map: the values of a dimension as a tree, of which closed parts are drawn as one. */
import { state } from "./state.js";
import { t } from "./words.js";

/** More rows or columns than this start collapsed. */
const MANY = { row: 30, column: 16 };

/** @typedef {{ id: string, label: string, keys: number[], children: Node[], depth: number, own?: boolean, key?: number }} Node */

/** The id of the node of a value, as addresses have it. */
export const idOf = (dimension, key) => dimension.slugs[key] || "-";

/** The trees of a dimension. A value above others that has studies of its own has a first child for these. */
export function treesOf(dimension, hasOwn) {
  const nodes = dimension.values.map((value, key) => ({ id: idOf(dimension, key), key, label: String(value), keys: [key], children: [] }));
  const groups = dimension.groups.map((label, n) => ({ id: `group-${n}`, label, keys: [], children: [] }));
  const roots = [];
  nodes.forEach((node, key) => {
    const parent = dimension.parents[key];
    const above = parent >= 0 ? nodes[parent] : parent <= -2 ? groups[-2 - parent] : null;
    if (above && above.children.length === 0 && above.key === undefined) roots.push(above);
    (above ? above.children : roots).push(node);
  });
  const settle = (node, depth) => {
    node.depth = depth;
    if (node.children.length && node.key !== undefined && hasOwn(node.key)) {
      node.children.unshift({ id: `${node.id}.own`, key: node.key, own: true, label: t("itself", { label: node.label }), keys: [node.key], children: [] });
    }
    for (const child of node.children) settle(child, depth + 1);
    node.keys = [...new Set([...node.keys, ...node.children.flatMap((child) => child.keys)])];
    return node;
  };
  return roots.map((node) => settle(node, 0));
}

export const leavesOf = (node) => (node.children.length ? node.children.flatMap(leavesOf) : [node]);

export const isOpen = (node, axis, many) => state.folds.get(`${axis}.${node.id}`) ?? !many;

/**
 * What is drawn: every node with `index` where it has cells, in order; `of` gives the index of each key, or -1.
 * `weigh` sorts the nodes beside each other, `keep` tells which leaves are drawn.
 */
export function layoutOf(dimension, trees, axis, { weigh, keep }) {
  const kept = (node) => (node.children.length ? node.children.some(kept) : keep(node));
  const many = trees.flatMap(leavesOf).filter(kept).length > MANY[axis];
  const of = new Int32Array(dimension.names.length).fill(-1);
  const drawn = [];
  let n = 0;
  const visit = (siblings) => {
    const shown = siblings.filter(kept);
    if (weigh) shown.sort(weigh);
    for (const node of shown) {
      const open = node.children.length > 0 && isOpen(node, axis, many);
      const entry = { node, open, index: open ? -1 : n };
      drawn.push(entry);
      if (open) {
        visit(node.children);
        continue;
      }
      for (const key of node.keys) of[key] = n;
      n++;
    }
  };
  visit(trees);
  return { drawn, of, size: n, many, cells: drawn.filter((entry) => entry.index >= 0) };
}

/** The node with an id in some trees. */
export function findNode(trees, id) {
  for (const node of trees) {
    const found = node.id === id ? node : findNode(node.children, id);
    if (found) return found;
  }
  return null;
}

/** The nodes above the node with an id, the topmost first; null where there is no such node. */
export function nodesAbove(trees, id) {
  for (const node of trees) {
    if (node.id === id) return [];
    const found = nodesAbove(node.children, id);
    if (found) return [node, ...found];
  }
  return null;
}

/** The header rows of the columns: in each, cells of `{ node, open, from, span, rows, last }`. */
export function headerRows(layout) {
  const depth = Math.max(0, ...layout.drawn.filter((entry) => entry.index >= 0).map((entry) => entry.node.depth));
  const rows = Array.from({ length: depth + 1 }, () => []);
  let n = 0;
  for (const entry of layout.drawn) {
    if (entry.open) {
      const span = layout.cells.filter((cell) => isBelow(cell.node, entry.node)).length;
      rows[entry.node.depth].push({ ...entry, from: n, span, rows: 1 });
    } else rows[entry.node.depth].push({ ...entry, from: n++, span: 1, rows: depth + 1 - entry.node.depth });
  }
  return rows;
}

function isBelow(node, above) {
  return above.children.some((child) => child === node || isBelow(node, child));
}
