// title: The reports of studies
// description: One row per study that names its report, and per report; place is that of units.
// returns: place, report
MATCH (s:Study {review: $review})-[:REPORTED_IN]->(r:Report)
RETURN s.order AS place, r.id AS report
ORDER BY place, report
