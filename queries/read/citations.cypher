// title: Included studies that cite each other
// description: One row per pair: the citing study and the cited study, from the references in the loaded records.
// returns: study, study_label, year, cites, cites_label, cites_year
MATCH (s:Study {review: $review})-[:CITES]->(t:Study)
RETURN s.short AS study, s.label AS study_label, s.year AS year, t.short AS cites, t.label AS cites_label, t.year AS cites_year
ORDER BY s.order, t.order
