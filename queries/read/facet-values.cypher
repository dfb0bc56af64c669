// title: The values of facets
// description: The values of one facet, or of all, in the order of their vocabulary; broader is the value above.
// param facet: string? - the id of a facet
// returns: facet, id, label, group, broader, definition, synonyms, number, residual, colour
MATCH (v:Value {review: $review})-[:IN_FACET]->(f:Facet)
WHERE $facet IS NULL OR v.facet = $facet
OPTIONAL MATCH (v)-[:BROADER]->(b:Value)
RETURN v.facet AS facet, v.id AS id, v.label AS label, v.group AS group, b.id AS broader, v.definition AS definition,
       v.synonyms AS synonyms, v.number AS number, coalesce(v.residual, false) AS residual, v.colour AS colour
ORDER BY f.order, v.order
