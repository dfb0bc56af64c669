import assert from "node:assert/strict";
import test from "node:test";
import { findNode, headerRows, idOf, layoutOf, leavesOf, nodesAbove, treesOf } from "../../../kg/export/page/js/axis.js";
import { state } from "../../../kg/export/page/js/state.js";
import { speak } from "../../../kg/export/page/js/words.js";
import { dim, review } from "./data.js";

speak({ itself: "{label}, in general" }, "en");
const everything = { weigh: null, keep: () => true };

function axis(values, parents, groups = [], hasOwn = () => false) {
  const { data } = review({ dims: [dim("x", "study", values, { parents, groups })] });
  const dimension = data.byId.x;
  return { dimension, trees: treesOf(dimension, hasOwn) };
}

const drawn = (layout) => layout.drawn.map(({ node, open, index }) => [node.id, open, index]);

test("values stand below their parents and groups, in their order", () => {
  const { trees } = axis(["a", "b", "c", "d"], [-2, 0, -1, -2], ["G"]);
  assert.deepEqual(trees.map((node) => [node.label, node.depth, node.keys]), [["G", 0, [0, 1, 3]], ["c", 0, [2]]]);
  assert.deepEqual(trees.flatMap(leavesOf).map((node) => node.label), ["b", "d", "c"]);
});

test("a value above others that has studies of its own has a child for these", () => {
  const { trees } = axis(["a", "b"], [-1, 0], [], (key) => key === 0);
  assert.deepEqual(trees[0].children.map((node) => [node.id, node.label, node.keys, node.depth]), [
    ["a.own", "a, in general", [0], 1], ["b", "b", [1], 1],
  ]);
});

test("a group that is closed is drawn as one, with the keys of all below it", () => {
  const { dimension, trees } = axis(["a", "b", "c"], [-2, -2, -1], ["G"]);
  assert.deepEqual(drawn(layoutOf(dimension, trees, "row", everything)), [["group-0", true, -1], ["a", false, 0], ["b", false, 1], ["c", false, 2]]);
  state.folds = new Map([["row.group-0", false]]);
  const layout = layoutOf(dimension, trees, "row", everything);
  assert.deepEqual(drawn(layout), [["group-0", false, 0], ["c", false, 1]]);
  assert.deepEqual([...layout.of], [0, 0, 1, -1, -1, -1, -1]);
  state.folds = new Map();
});

test("many values start closed, and what is not kept is neither drawn nor counted", () => {
  const values = Array.from({ length: 31 }, (_, n) => `v${n}`);
  const { dimension, trees } = axis(values, values.map(() => -2), ["G"]);
  assert.equal(layoutOf(dimension, trees, "row", everything).size, 1);
  const some = layoutOf(dimension, trees, "row", { weigh: null, keep: (node) => node.key > 0 });
  assert.equal(some.size, 30);
  assert.equal(some.of[0], -1);
});

test("a weight sorts what stands beside each other", () => {
  const { dimension, trees } = axis(["a", "b", "c"], [-2, -2, -1], ["G"]);
  const layout = layoutOf(dimension, trees, "row", { weigh: (a, b) => b.label.localeCompare(a.label), keep: () => true });
  assert.deepEqual(drawn(layout).map(([id]) => id), ["group-0", "b", "a", "c"]);
});

test("ids are unique, and none is blank", () => {
  const { dimension, trees } = axis(["É", "e", "?", "!", "2"], [-1, -1, -1, -1, -1]);
  const ids = trees.map((node) => node.id);
  assert.deepEqual(ids, ["e", "e-2", "-", "-2", "2"]);
  ids.forEach((id, key) => {
    assert.equal(findNode(trees, id).key, key);
    assert.equal(idOf(dimension, key), id);
  });
  assert.equal(findNode(trees, "nosuch"), null);
});

test("the nodes above a node are those of its groups", () => {
  const { trees } = axis(["a", "b", "c"], [-2, 0, -1], ["G"]);
  assert.deepEqual(nodesAbove(trees, "b").map((node) => node.id), ["group-0", "a"]);
  assert.deepEqual(nodesAbove(trees, "c"), []);
  assert.equal(nodesAbove(trees, "nosuch"), null);
});

test("the heads of columns span what is below them", () => {
  const { dimension, trees } = axis(["a", "b", "c"], [-2, -2, -1], ["G"]);
  const rows = headerRows(layoutOf(dimension, trees, "column", everything));
  assert.deepEqual(rows.map((row) => row.map((cell) => [cell.node.label, cell.from, cell.span, cell.rows])), [
    [["G", 0, 2, 1], ["c", 2, 1, 2]], [["a", 0, 1, 1], ["b", 1, 1, 1]],
  ]);
});
