// title: Whether the studies still stand
// description: One row per study and source: what the source says, the date of the notice and the date of the
// description: information. If no source says anything about a study, it was not checked, which is not the same as current.
// returns: study, study_label, status, source, date, seen, reason, notice
MATCH (s:Study {review: $review})
OPTIONAL MATCH (s)-[:HAS_STANDING]->(t:Standing)
RETURN s.short AS study, s.label AS study_label, coalesce(t.status, 'not checked') AS status, t.source AS source,
       t.date AS date, t.seen AS seen, t.reason AS reason, t.notice AS notice
ORDER BY s.order, t.source
