// title: The codes of studies or findings
// description: The studies and findings with each value of one facet, or with the reason why they have none (status). A
// description: study is given by its place in the review's order (see units). Where of is finding, the two lists have an
// description: entry for each finding. The facets of the model (factor, direction, …) can be asked for too, and implied: the
// description: findings whose pairs of factor and outcome the sheet does not state.
// param facet: string - the id of a facet, or factor, outcome, direction, pole, approach, certainty, implied
// returns: of, value, status, studies, findings
CALL () {
  MATCH (v:Value {review: $review, facet: $facet})<-[:CODED_AS]-(s:Study)
  WITH v.id AS value, v.order AS place, s.order AS study ORDER BY study
  RETURN 'study' AS of, value, place, null AS status, collect(study) AS studies, [] AS findings
  UNION ALL
  MATCH (:Facet {review: $review, id: $facet})<-[c:NOT_CODED]-(s:Study)
  WITH c.coding_status AS status, s.order AS study ORDER BY study
  RETURN 'study' AS of, null AS value, 0 AS place, status, collect(study) AS studies, [] AS findings
  UNION ALL
  MATCH (v:Value {review: $review, facet: $facet})<-[:CODED_AS]-(x:Finding)<-[:REPORTS]-(s:Study)
  WITH v.id AS value, v.order AS place, s.order AS study, x.id AS finding ORDER BY study, finding
  RETURN 'finding' AS of, value, place, null AS status, collect(study) AS studies, collect(finding) AS findings
  UNION ALL
  MATCH (:Facet {review: $review, id: $facet})<-[c:NOT_CODED]-(x:Finding)<-[:REPORTS]-(s:Study)
  WITH c.coding_status AS status, s.order AS study, x.id AS finding ORDER BY study, finding
  RETURN 'finding' AS of, null AS value, 0 AS place, status, collect(study) AS studies, collect(finding) AS findings
  UNION ALL
  WITH 1 AS asked WHERE NOT EXISTS { MATCH (:Facet {review: $review, id: $facet}) } AND $facet = 'factor'
  MATCH (f:Factor {review: $review})<-[:ABOUT]-(x:Finding)<-[:REPORTS]-(s:Study)
  WITH f.id AS value, f.order AS place, s.order AS study, x.id AS finding ORDER BY study, finding
  RETURN 'finding' AS of, value, place, null AS status, collect(study) AS studies, collect(finding) AS findings
  UNION ALL
  WITH 1 AS asked WHERE NOT EXISTS { MATCH (:Facet {review: $review, id: $facet}) } AND $facet = 'outcome'
  MATCH (o:Outcome {review: $review})<-[:AFFECTS]-(x:Finding)<-[:REPORTS]-(s:Study)
  WITH o.id AS value, o.order AS place, s.order AS study, x.id AS finding ORDER BY study, finding
  RETURN 'finding' AS of, value, place, null AS status, collect(study) AS studies, collect(finding) AS findings
  UNION ALL
  WITH 1 AS asked WHERE NOT EXISTS { MATCH (:Facet {review: $review, id: $facet}) } AND $facet = 'outcome'
  MATCH (o:Outcome {review: $review})<-[:EXAMINES]-(s:Study)
  WITH o.id AS value, o.order AS place, s.order AS study ORDER BY study
  RETURN 'study' AS of, value, place, null AS status, collect(study) AS studies, [] AS findings
  UNION ALL
  WITH 1 AS asked WHERE NOT EXISTS { MATCH (:Facet {review: $review, id: $facet}) } AND $facet IN ['direction', 'pole', 'approach', 'certainty', 'implied']
  MATCH (s:Study {review: $review})-[:REPORTS]->(x:Finding)
  WITH CASE $facet WHEN 'direction' THEN x.direction WHEN 'pole' THEN x.pole WHEN 'approach' THEN x.approach
                   WHEN 'certainty' THEN x.certainty ELSE CASE WHEN x.implied THEN 'yes' END END AS value,
       s.order AS study, x.id AS finding
  WHERE value IS NOT NULL
  WITH value, study, finding ORDER BY study, finding
  RETURN 'finding' AS of, value, 0 AS place, null AS status, collect(study) AS studies, collect(finding) AS findings
}
RETURN of, value, status, studies, findings
ORDER BY of, place, coalesce(value, status)
