// title: The studies in their order
// description: One row per study, in the review's order; place counts from 1.
// returns: place, id, label
MATCH (s:Study {review: $review})
RETURN s.order AS place, s.id AS id, s.label AS label
ORDER BY place
