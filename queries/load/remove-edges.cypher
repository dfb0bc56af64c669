// Remove relationships of one type, {Type}, between nodes of two labels, {Start} and {End}.
UNWIND $rows AS row
MATCH (a:{Start} {review: $review, id: row.from})-[r:{Type}]->(b:{End} {review: $review, id: row.to})
DELETE r;
