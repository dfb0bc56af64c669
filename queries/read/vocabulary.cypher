// title: Factors and outcomes
// description: The terms of the review, with their groups, definitions and synonyms; studies counts those that report or discuss the term.
// returns: kind, id, label, group, definition, synonyms, favourable, studies
// reads: summary
CALL {
  MATCH (c:Factor)
  OPTIONAL MATCH (t:Tally)-[:OF]->(c) WHERE t.scope = 'all' AND t.direction IS NULL
  RETURN 1 AS place, 'factor' AS kind, c, t
  UNION ALL
  MATCH (c:Outcome)
  OPTIONAL MATCH (t:Tally)-[:OF]->(c) WHERE t.scope = 'all' AND t.direction IS NULL
  RETURN 2 AS place, 'outcome' AS kind, c, t
}
RETURN kind, c.id AS id, c.label AS label, c.group AS group, c.definition AS definition, c.synonyms AS synonyms,
       c.favourable AS favourable, coalesce(t.studies, 0) AS studies
ORDER BY place, c.order
