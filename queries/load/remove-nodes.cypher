// Remove nodes of one label, {Label}, whose own relationships have been removed.
UNWIND $rows AS row
MATCH (n:{Label} {review: $review, id: row.id})
DELETE n;
