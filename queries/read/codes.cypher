// title: The codes of studies or findings
// description: One row per study or finding and value of one facet; status says why there is no value. A finding's row
// description: names its study as well. The facets of the model (direction, pole, factor, outcome, …) can be asked for too.
// param facet: string - the id of a facet, or factor, outcome, direction, pole, approach, certainty
// returns: study, finding, value, status
CALL () {
  MATCH (s:Study {review: $review})-[:CODED_AS]->(v:Value {facet: $facet})
  RETURN s.id AS study, null AS finding, v.id AS value, null AS status
  UNION ALL
  MATCH (s:Study {review: $review})-[c:NOT_CODED]->(:Facet {id: $facet})
  RETURN s.id AS study, null AS finding, null AS value, c.coding_status AS status
  UNION ALL
  MATCH (s:Study {review: $review})-[:REPORTS]->(x:Finding)-[:CODED_AS]->(v:Value {facet: $facet})
  RETURN s.id AS study, x.id AS finding, v.id AS value, null AS status
  UNION ALL
  MATCH (s:Study {review: $review})-[:REPORTS]->(x:Finding)-[c:NOT_CODED]->(:Facet {id: $facet})
  RETURN s.id AS study, x.id AS finding, null AS value, c.coding_status AS status
  UNION ALL
  WITH 1 AS asked WHERE $facet = 'factor'
  MATCH (s:Study {review: $review})-[:REPORTS]->(x:Finding)-[:ABOUT]->(f:Factor)
  RETURN s.id AS study, x.id AS finding, f.id AS value, null AS status
  UNION ALL
  WITH 1 AS asked WHERE $facet = 'outcome'
  MATCH (s:Study {review: $review})-[:REPORTS]->(x:Finding)-[:AFFECTS]->(o:Outcome)
  RETURN s.id AS study, x.id AS finding, o.id AS value, null AS status
  UNION ALL
  WITH 1 AS asked WHERE $facet = 'outcome'
  MATCH (s:Study {review: $review})-[:EXAMINES]->(o:Outcome)
  RETURN s.id AS study, null AS finding, o.id AS value, null AS status
  UNION ALL
  WITH 1 AS asked WHERE $facet IN ['direction', 'pole', 'approach', 'certainty']
  MATCH (s:Study {review: $review})-[:REPORTS]->(x:Finding)
  WITH s, x, CASE $facet WHEN 'direction' THEN x.direction WHEN 'pole' THEN x.pole WHEN 'approach' THEN x.approach ELSE x.certainty END AS value
  WHERE value IS NOT NULL
  RETURN s.id AS study, x.id AS finding, value, null AS status
}
RETURN study, finding, value, status
ORDER BY study, finding, value, status
