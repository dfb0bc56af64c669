// Write relationships of one type, {Type}, between nodes of two labels, {Start} and {End}.
UNWIND $rows AS row
MATCH (a:{Start} {review: $review, id: row.from})
MATCH (b:{End} {review: $review, id: row.to})
MERGE (a)-[r:{Type}]->(b)
SET r += row.properties;
