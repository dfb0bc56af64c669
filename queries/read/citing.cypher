// title: Candidates that cite included studies
// description: Works with a record that are not included and cite at least $least included studies, those that cite the
// description: most first.
// param least: integer = 1 - the number of included studies that a candidate must cite
// returns: id, candidate, year, title, cites, study_labels, doi, records
MATCH (s:Study {review: $review})<-[:CITES]-(c:Candidate)
WHERE c.records > 0
WITH c.id AS id, s.label AS label, s.order AS place
ORDER BY place
WITH id, count(label) AS cites, collect(label) AS study_labels
WHERE cites >= $least
MATCH (c:Candidate {review: $review, id: id})
RETURN id, c.short AS candidate, c.year AS year, c.title AS title, cites, study_labels, c.doi AS doi, c.records AS records
ORDER BY cites DESC, c.year DESC, id
