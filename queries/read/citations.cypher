// title: Included studies that cite each other
// description: One row a pair: the study that cites and the one that it cites, as the loaded records list references.
// returns: study, study_label, year, cites, cites_label, cites_year
MATCH (s:Study {review: $review})-[:CITES]->(t:Study)
RETURN s.short AS study, s.label AS study_label, s.year AS year, t.short AS cites, t.label AS cites_label, t.year AS cites_year
ORDER BY s.order, t.order
