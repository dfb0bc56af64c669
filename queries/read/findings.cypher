// title: All findings
// description: One row per finding, with its study, factor, outcomes and the file and row from which it was read.
// param first: integer = 1 - only the findings on factors from this place of the vocabulary
// param last: integer? - to this one
// returns: id, study_id, study, study_label, factor_id, factor, direction, pole, outcome_ids, outcomes, locator, note, tabulated, associated, certainty, approach, coder, file, row
MATCH (f:Factor {review: $review})
WHERE f.order >= $first AND ($last IS NULL OR f.order <= $last)
MATCH (f)<-[:ABOUT]-(x:Finding)<-[:REPORTS]-(s:Study)
CALL (x) {
  MATCH (x)-[:AFFECTS]->(o:Outcome)
  WITH o ORDER BY o.order
  RETURN collect(o.id) AS outcome_ids, collect(o.label) AS outcomes
}
OPTIONAL MATCH (x)-[e:EXTRACTED_FROM]->(src:Source)
RETURN x.id AS id, s.id AS study_id, s.short AS study, s.label AS study_label, f.id AS factor_id, f.label AS factor,
       x.direction AS direction, x.pole AS pole, outcome_ids, outcomes, x.locator AS locator, x.note AS note, x.tabulated AS tabulated,
       coalesce(x.associated, false) AS associated, x.certainty AS certainty, x.approach AS approach, x.coder AS coder, src.path AS file, e.row AS row
ORDER BY f.order, s.order, x.direction, src.path, e.row, x.id
