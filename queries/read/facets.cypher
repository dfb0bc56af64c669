// title: Facets
// description: What the review charts of its studies and findings, in the order of the sheets; values is the number of
// description: different values, and definition is what review.toml says of the facet.
// returns: facet, label, of, kind, values, definition
MATCH (f:Facet {review: $review})
OPTIONAL MATCH (f)<-[:IN_FACET]-(v:Value)
WITH f, count(v) AS values
RETURN f.id AS facet, f.label AS label, f.unit AS of, f.kind AS kind, values, f.definition AS definition
ORDER BY f.order
