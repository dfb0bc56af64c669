// The relationships of one type, {Type}, from these nodes of a label, {Start}, to nodes of another, {End}.
// The nodes are found first: in one pattern, the embedded engine follows the relationships of all nodes.
MATCH (a:{Start} {review: $review})
WHERE a.id IN $ids
WITH a
MATCH (a)-[r:{Type}]->(b:{End})
RETURN {Columns};
