// title: How full each facet is
// description: How many studies or findings have a value of each facet, and how many have none, by the reason. A blank cell
// description: is not extracted.
// returns: facet, label, of, kind, units, coded, not_reported, not_applicable
MATCH (r:Review {review: $review, id: $review})
MATCH (f:Facet {review: $review})
CALL (f) {
  MATCH (f)<-[:IN_FACET]-(:Value)<-[:CODED_AS]-(s:Study)
  RETURN count(DISTINCT s.id) AS studies
}
CALL (f) {
  MATCH (f)<-[:IN_FACET]-(:Value)<-[:CODED_AS]-(x:Finding)
  RETURN count(DISTINCT x.id) AS findings
}
CALL (f) {
  MATCH (f)<-[c:NOT_CODED]-(s:Study)
  RETURN count(CASE WHEN c.coding_status = 'not reported' THEN 1 END) AS studies_not_reported,
         count(CASE WHEN c.coding_status = 'not applicable' THEN 1 END) AS studies_not_applicable
}
CALL (f) {
  MATCH (f)<-[c:NOT_CODED]-(x:Finding)
  RETURN count(CASE WHEN c.coding_status = 'not reported' THEN 1 END) AS findings_not_reported,
         count(CASE WHEN c.coding_status = 'not applicable' THEN 1 END) AS findings_not_applicable
}
WITH r, f, studies, findings, studies_not_reported, studies_not_applicable, findings_not_reported, findings_not_applicable,
     f.unit = 'study' AS of_studies
RETURN f.id AS facet, f.label AS label, f.unit AS of, f.kind AS kind,
       CASE WHEN of_studies THEN r.studies ELSE r.findings END AS units,
       CASE WHEN of_studies THEN studies ELSE findings END AS coded,
       CASE WHEN of_studies THEN studies_not_reported ELSE findings_not_reported END AS not_reported,
       CASE WHEN of_studies THEN studies_not_applicable ELSE findings_not_applicable END AS not_applicable
ORDER BY f.order
