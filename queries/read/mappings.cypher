// title: The mappings of overlays
// description: How the attributes of frameworks are matched to factors or outcomes, of one overlay or of all; predicate is a
// description: mapping relation of SKOS, and groups says whether findings about the term have the attribute.
// param facet: string? - the id of an overlay
// returns: overlay, id, label, predicate, of, term_id, term, groups, justification, comment
MATCH (v:Value {review: $review})-[:IN_FACET]->(f:Facet)
WHERE $facet IS NULL OR v.facet = $facet
CALL (v) {
  MATCH (v)-[m:EXACT_MATCH|CLOSE_MATCH|BROAD_MATCH|NARROW_MATCH|RELATED_MATCH]->(c:Factor)
  RETURN type(m) AS kind, 'factor' AS of, c.id AS term_id, c.label AS term, c.order AS place, m.groups AS groups,
         m.justification AS justification, m.comment AS comment
  UNION ALL
  MATCH (v)-[m:EXACT_MATCH|CLOSE_MATCH|BROAD_MATCH|NARROW_MATCH|RELATED_MATCH]->(c:Outcome)
  RETURN type(m) AS kind, 'outcome' AS of, c.id AS term_id, c.label AS term, c.order AS place, m.groups AS groups,
         m.justification AS justification, m.comment AS comment
}
RETURN v.facet AS overlay, v.id AS id, v.label AS label,
       CASE kind WHEN 'EXACT_MATCH' THEN 'exactMatch' WHEN 'CLOSE_MATCH' THEN 'closeMatch'
                 WHEN 'BROAD_MATCH' THEN 'broadMatch' WHEN 'NARROW_MATCH' THEN 'narrowMatch' ELSE 'relatedMatch' END AS predicate,
       of, term_id, term, groups, justification, comment
ORDER BY f.order, v.order, place
