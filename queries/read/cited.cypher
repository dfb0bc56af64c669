// title: Works that included studies cite
// description: Works that are not included and that at least $least included studies cite, the most cited first. For a
// description: work without a record, only the OpenAlex id is known.
// param least: integer = 1 - the number of included studies that must cite a work
// returns: id, work, year, title, cited_by, study_labels, doi, records
MATCH (s:Study {review: $review})-[:CITES]->(c:Candidate)
WITH c.id AS id, s.label AS label, s.order AS place
ORDER BY place
WITH id, count(label) AS cited_by, collect(label) AS study_labels
WHERE cited_by >= $least
MATCH (c:Candidate {review: $review, id: id})
RETURN id, c.short AS work, c.year AS year, c.title AS title, cited_by, study_labels, c.doi AS doi, c.records AS records
ORDER BY cited_by DESC, c.year DESC, id
