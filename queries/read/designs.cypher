// title: Designs, methods and the like
// description: How many studies there are of each methods class, design, setting, population, country and publication type.
// description: A study that the source does not describe is counted as "not given", never guessed.
// returns: group, value, studies
CALL () {
  MATCH (s:Study {review: $review}) RETURN 1 AS place, 'methods' AS group, s.methods AS value, s.order AS study
  UNION ALL
  MATCH (s:Study {review: $review}) OPTIONAL MATCH (s)-[:HAS_DESIGN]->(d:Design) RETURN 2 AS place, 'design' AS group, d.label AS value, s.order AS study
  UNION ALL
  MATCH (s:Study {review: $review}) OPTIONAL MATCH (s)-[:IN_SETTING]->(w:Setting) RETURN 3 AS place, 'setting' AS group, w.label AS value, s.order AS study
  UNION ALL
  MATCH (s:Study {review: $review}) OPTIONAL MATCH (s)-[:WITH_POPULATION]->(p:Population) RETURN 4 AS place, 'population' AS group, p.label AS value, s.order AS study
  UNION ALL
  MATCH (s:Study {review: $review}) RETURN 5 AS place, 'country' AS group, s.country AS value, s.order AS study
  UNION ALL
  MATCH (s:Study {review: $review}) RETURN 6 AS place, 'publication type' AS group, s.publication_type AS value, s.order AS study
}
WITH place, group, value, count(DISTINCT study) AS studies, CASE WHEN value IS NULL THEN 1 ELSE 0 END AS last
RETURN group, coalesce(value, 'not given') AS value, studies
ORDER BY place, last, studies DESC, value
