// title: The reviews, with numbers of studies
// description: The folder's own review and the other reviews that include some of its studies, with the numbers of studies
// description: that each includes and of findings that it reports.
// returns: id, title, year, search_date, doi, studies, findings, citation
MATCH (r:Review {review: $review})
OPTIONAL MATCH (v:Value {review: $review, id: 'review:' + r.id})
WITH r, v, CASE WHEN r.id = $review THEN 0 ELSE 1 END AS place
RETURN r.id AS id, r.title AS title, r.year AS year, r.search_date AS search_date, r.doi AS doi,
       COUNT { MATCH (r)-[:INCLUDES]->(:Study) } AS studies,
       CASE WHEN v IS NULL THEN r.findings ELSE COUNT { MATCH (v)<-[:CODED_AS]-(:Finding) } END AS findings,
       r.citation AS citation
ORDER BY place, id
