// title: Characteristics of the included studies
// description: One row per study, in the review's order; a cell is blank if the source does not say.
// returns: label, study, year, title, authors, methods, design, setting, population, country, sample_size, publication_type, doi, reference, outcomes, findings, basis, standing, records, key, id
MATCH (s:Study {review: $review})
CALL (s) {
  MATCH (s)-[:EXAMINES]->(o:Outcome)
  WITH o ORDER BY o.order
  RETURN collect(o.label) AS outcomes
}
RETURN s.label AS label, s.short AS study, s.year AS year, s.title AS title, s.authors AS authors, s.methods AS methods, s.design AS design,
       s.setting AS setting, s.population AS population, s.country AS country, s.sample_size AS sample_size,
       s.publication_type AS publication_type, s.doi AS doi, s.reference AS reference, outcomes,
       COUNT { MATCH (s)-[:REPORTS]->(:Finding) } AS findings, s.basis AS basis, s.standing AS standing,
       s.records AS records, s.key AS key, s.id AS id
ORDER BY s.order
