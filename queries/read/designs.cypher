// title: Designs, methods and the like
// description: The number of studies with each methods class, design, setting, population, country and publication type.
// description: A study without a value is counted as "not given"; nothing is guessed.
// returns: group, value, studies
CALL () {
  MATCH (s:Study {review: $review})
  WITH s.methods AS value, count(s) AS studies
  RETURN 1 AS place, 'methods' AS group, value, studies
  UNION ALL
  MATCH (s:Study {review: $review}) OPTIONAL MATCH (s)-[:HAS_DESIGN]->(d:Design)
  WITH d.label AS value, count(s) AS studies
  RETURN 2 AS place, 'design' AS group, value, studies
  UNION ALL
  MATCH (s:Study {review: $review}) OPTIONAL MATCH (s)-[:IN_SETTING]->(w:Setting)
  WITH w.label AS value, count(s) AS studies
  RETURN 3 AS place, 'setting' AS group, value, studies
  UNION ALL
  MATCH (s:Study {review: $review}) OPTIONAL MATCH (s)-[:WITH_POPULATION]->(p:Population)
  WITH p.label AS value, count(s) AS studies
  RETURN 4 AS place, 'population' AS group, value, studies
  UNION ALL
  MATCH (s:Study {review: $review})
  WITH s.country AS value, count(s) AS studies
  RETURN 5 AS place, 'country' AS group, value, studies
  UNION ALL
  MATCH (s:Study {review: $review})
  WITH s.publication_type AS value, count(s) AS studies
  RETURN 6 AS place, 'publication type' AS group, value, studies
}
WITH place, group, value, studies, CASE WHEN value IS NULL THEN 1 ELSE 0 END AS last
RETURN group, coalesce(value, 'not given') AS value, studies
ORDER BY place, last, studies DESC, value
