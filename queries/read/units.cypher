// title: The studies and their reports
// description: One row per study, in the review's order; place counts from 1.
// returns: place, id, label, reports
MATCH (s:Study {review: $review})
OPTIONAL MATCH (s)-[:REPORTED_IN]->(r:Report)
WITH s.order AS place, s.id AS id, s.label AS label, r.id AS report ORDER BY place, report
WITH place, id, label, collect(report) AS reports
RETURN place, id, label, reports
ORDER BY place
