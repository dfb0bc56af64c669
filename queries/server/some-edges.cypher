// The relationships of one type, {Type}, from these nodes of a label, {Start}, to nodes of another, {End}.
MATCH (a:{Start} {review: $review})-[r:{Type}]->(b:{End})
WHERE a.id IN $ids
RETURN {Columns};
