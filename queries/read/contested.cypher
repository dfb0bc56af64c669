// title: Contested cells, in studies
// description: Pairs of factor and outcome for which the same pole of the factor is reported as facilitator by some studies
// description: and as barrier by others (or the same). The pole presence includes findings that state none.
// returns: factor, outcome, pole, facilitator, barrier, facilitator_studies, barrier_studies
// reads: summary
MATCH (f:Factor {review: $review})-[a:FACILITATES|ABSENCE_FACILITATES]->(o:Outcome)
MATCH (f)-[b:HINDERS|ABSENCE_HINDERS]->(o)
WHERE a.pole = b.pole
RETURN f.label AS factor, o.label AS outcome, a.pole AS pole, a.studies AS facilitator, b.studies AS barrier,
       a.study_labels AS facilitator_studies, b.study_labels AS barrier_studies
ORDER BY a.studies + b.studies DESC, f.order, o.order, pole DESC
