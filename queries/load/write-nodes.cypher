// Write nodes of one label, {Label}, and their further labels, {Further}. Every property is given; null removes it.
UNWIND $rows AS row
MERGE (n:{Label} {review: $review, id: row.id})
SET n += row.properties
SET n:{Label}{Further};
