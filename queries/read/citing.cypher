// title: Candidates that cite included studies
// description: Works with a record that are not included and cite at least $least included studies, those that cite the
// description: most first.
// param least: integer = 1 - the number of included studies that a candidate must cite
// returns: id, candidate, year, title, cites, study_labels, doi, records
MATCH (s:Study {review: $review})<-[:CITES]-(c:Candidate)
WHERE c.records > 0
WITH c.id AS id, c, s.label AS label, s.order AS place
ORDER BY place
WITH id, count(label) AS cites, collect(label) AS study_labels,
     min(c.short) AS candidate, min(c.year) AS year, min(c.title) AS title, min(c.doi) AS doi, min(c.records) AS records // the same in every row
WHERE cites >= $least
RETURN id, candidate, year, title, cites, study_labels, doi, records
ORDER BY cites DESC, year DESC, id
