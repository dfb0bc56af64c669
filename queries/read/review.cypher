// title: The review
// description: The review, its question, and its numbers of studies and findings.
// returns: id, title, citation, doi, year, question, search_date, studies, findings
// reads: summary
MATCH (r:Review {review: $review, id: $review})
RETURN r.id AS id, r.title AS title, r.citation AS citation, r.doi AS doi, r.year AS year, r.question AS question,
       r.search_date AS search_date, r.studies AS studies, r.findings AS findings
ORDER BY id
