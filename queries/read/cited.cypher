// title: Works that included studies cite
// description: Works that are not included and that at least $least included studies cite, the most cited first. For a
// description: work without a record, only the OpenAlex id is known.
// param least: integer = 1 - the number of included studies that must cite a work
// returns: id, work, year, title, cited_by, study_labels, doi, records
MATCH (s:Study {review: $review})-[:CITES]->(c:Candidate)
WITH c.id AS id, c, s.label AS label, s.order AS place
ORDER BY place
WITH id, count(label) AS cited_by, collect(label) AS study_labels,
     min(c.short) AS work, min(c.year) AS year, min(c.title) AS title, min(c.doi) AS doi, min(c.records) AS records // the same in every row
WHERE cited_by >= $least
RETURN id, work, year, title, cited_by, study_labels, doi, records
ORDER BY cited_by DESC, year DESC, id
