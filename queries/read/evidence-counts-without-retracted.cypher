// title: Evidence counts without the retracted studies, in studies
// description: The counts of evidence-counts without the studies that a source reports as retracted, next to the counts
// description: with them, and the studies left out. Rows with zero studies are included.
// param level: string? - only factors under this group
// param all: boolean = false - also count the findings that are only in the prose
// returns: level, factor, direction, studies, study_labels, all_studies, left_out
// reads: summary
CALL () {
  MATCH (d:Tally {review: $review})
  WHERE d.studies > 0 AND d.direction IS NOT NULL AND d.direction <> 'unspecified'
  RETURN count(d) > 0 AS directed
}
MATCH (t:Tally {review: $review})-[:OF]->(f:Factor)
WHERE t.direction IS NOT NULL
  AND (directed OR t.direction = 'unspecified')
  AND t.scope = CASE WHEN $all THEN 'all' ELSE 'tabulated' END
  AND ($level IS NULL OR toUpper(f.group) = toUpper($level))
OPTIONAL MATCH (c:Caution {review: $review, id: 'retracted'})
WITH f, t, coalesce(t.study_labels, []) AS labels, coalesce(c.study_labels, []) AS retracted,
     CASE t.direction WHEN 'facilitator' THEN 1 WHEN 'barrier' THEN 2 WHEN 'mixed' THEN 3 WHEN 'no_effect' THEN 4 ELSE 5 END AS place
WITH f, t, place, [l IN labels WHERE NOT l IN retracted] AS kept, [l IN labels WHERE l IN retracted] AS left_out
RETURN f.group AS level, f.label AS factor, t.direction AS direction, size(kept) AS studies, kept AS study_labels,
       t.studies AS all_studies, left_out
ORDER BY f.order, place
