// title: The authors of the studies
// description: What the sheet gives as the authors of a study, as one text without an id, and each author of its records.
// returns: place, study_label, id, name, position
CALL () {
  MATCH (s:Study {review: $review})
  WHERE s.authors IS NOT NULL
  RETURN s.order AS place, s.label AS study_label, '' AS id, s.authors AS name, 0 AS position
  UNION ALL
  MATCH (s:Study {review: $review})<-[:REPORT_OF]-(r:Record)
  MATCH (r)-[b:AUTHORED_BY]->(a:Author)
  RETURN DISTINCT s.order AS place, s.label AS study_label, a.id AS id, a.name AS name, b.position AS position
}
RETURN place, study_label, id, name, position
ORDER BY place, position, id, name
