// title: Open access to the studies
// description: Where a study can be read without paying, as its records say; one row per study and address.
// returns: study, study_label, oa_status, oa_url
MATCH (r:Record {review: $review})-[:REPORT_OF]->(s:Study)
WHERE r.oa_url IS NOT NULL
WITH DISTINCT s, r.oa_status AS oa_status, r.oa_url AS oa_url
RETURN s.short AS study, s.label AS study_label, oa_status, oa_url
ORDER BY s.order, oa_url
