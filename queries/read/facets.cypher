// title: Facets
// description: What the review charts of its studies and findings, in the order of the sheets; values is the number of
// description: different values.
// returns: facet, label, of, kind, values
MATCH (f:Facet {review: $review})
OPTIONAL MATCH (f)<-[:IN_FACET]-(v:Value)
WITH f, count(v) AS values
RETURN f.id AS facet, f.label AS label, f.unit AS of, f.kind AS kind, values
ORDER BY f.order
