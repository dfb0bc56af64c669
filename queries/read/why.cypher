// title: The findings behind a cell
// description: Every finding about a factor (and an outcome), with its study and the file and row it was read from.
// param factor: string - the id of a factor
// param outcome: string? - the id of an outcome; without it, all findings about the factor
// returns: study, study_label, direction, pole, outcomes, locator, note, tabulated, certainty, approach, title, doi, file, row
MATCH (f:Factor {review: $review, id: $factor})<-[:ABOUT]-(x:Finding)
WHERE $outcome IS NULL OR EXISTS { MATCH (x)-[:AFFECTS]->(c:Outcome) WHERE c.id = $outcome }
MATCH (x)<-[:REPORTS]-(s:Study)
CALL (x) {
  MATCH (x)-[:AFFECTS]->(o:Outcome)
  WITH o ORDER BY o.order
  RETURN collect(o.label) AS outcomes
}
OPTIONAL MATCH (x)-[e:EXTRACTED_FROM]->(src:Source)
WITH x, s, outcomes, e, src,
     CASE x.direction WHEN 'facilitator' THEN 1 WHEN 'barrier' THEN 2 WHEN 'mixed' THEN 3 WHEN 'no_effect' THEN 4 ELSE 5 END AS place
RETURN s.short AS study, s.label AS study_label, x.direction AS direction, x.pole AS pole, outcomes, x.locator AS locator, x.note AS note,
       x.tabulated AS tabulated, x.certainty AS certainty, x.approach AS approach, s.title AS title, s.doi AS doi,
       src.path AS file, e.row AS row
ORDER BY place, s.order, src.path, e.row, x.id
