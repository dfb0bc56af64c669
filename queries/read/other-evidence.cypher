// title: Studies that are not empirical
// description: How many studies are reviews, grey literature or opinions; tables leave them out unless --evidence names
// description: their class. A study without a class of evidence counts as empirical.
// returns: studies
// reads: summary
MATCH (r:Review {review: $review, id: $review})
RETURN coalesce(r.other_evidence, 0) AS studies
ORDER BY studies
