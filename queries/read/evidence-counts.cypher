// title: Evidence counts by factor, in studies
// description: How many studies report each factor as facilitator or as barrier, and the outcomes tied to the factor.
// description: Facilitator and barrier have a row even with zero studies, unless no finding of the review states a direction.
// description: Counts the findings in the review's own tables, or all findings.
// param level: string? - only the factors of this group
// param all: boolean = false - also count the findings that are only in the prose
// returns: level, factor, direction, studies, study_labels, outcomes
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
WITH f, t, CASE t.direction WHEN 'facilitator' THEN 1 WHEN 'barrier' THEN 2 WHEN 'mixed' THEN 3 WHEN 'no_effect' THEN 4 ELSE 5 END AS place
RETURN f.group AS level, f.label AS factor, t.direction AS direction, t.studies AS studies,
       coalesce(t.study_labels, []) AS study_labels, coalesce(t.outcomes, []) AS outcomes
ORDER BY f.order, place
