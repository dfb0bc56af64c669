// The nodes of one label, {Label}, with these ids.
MATCH (n:{Label} {review: $review})
WHERE n.id IN $ids
RETURN {Columns};
