// title: Factors and outcomes, with numbers of studies
// description: The terms of the review, with their groups, definitions and synonyms; studies counts those that report or discuss
// description: the term.
// returns: kind, id, label, group, broader, definition, synonyms, favourable, residual, colour, studies
// reads: summary
CALL () {
  MATCH (c:Factor {review: $review})
  OPTIONAL MATCH (c)-[:BROADER]->(b:Factor)
  RETURN 1 AS place, 'factor' AS kind, c, b.id AS broader
  UNION ALL
  MATCH (c:Outcome {review: $review})
  OPTIONAL MATCH (c)-[:BROADER]->(b:Outcome)
  RETURN 2 AS place, 'outcome' AS kind, c, b.id AS broader
}
RETURN kind, c.id AS id, c.label AS label, c.group AS group, broader, c.definition AS definition,
       c.synonyms AS synonyms, c.favourable AS favourable,
       coalesce(c.residual, false) AS residual, c.colour AS colour, c.studies AS studies
ORDER BY place, c.order
