// The ids of all nodes of one label, {Label}, of a review.
MATCH (n:{Label} {review: $review})
RETURN collect(n.id) AS ids;
