// All nodes of one label, {Label}, of a review, as they are in the database.
MATCH (n:{Label} {review: $review})
RETURN {Columns};
