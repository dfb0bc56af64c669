// title: Which review includes which study
// description: One row per study and review that includes it, with what the review calls the study; place is that of
// description: units.
// returns: place, study_label, study, year, doi, review, label
MATCH (r:Review {review: $review})-[i:INCLUDES]->(s:Study)
WITH r, i, s, CASE WHEN r.id = $review THEN 0 ELSE 1 END AS own
RETURN s.order AS place, s.label AS study_label, s.short AS study, s.year AS year, s.doi AS doi, r.id AS review,
       i.label AS label
ORDER BY place, own, review
