// title: Contested cells
// description: Pairs of factor and outcome that some studies report as facilitator and others (or the same) as barrier.
// returns: factor, outcome, facilitator, barrier, facilitator_studies, barrier_studies
// reads: summary
MATCH (f:Factor {review: $review})-[a:FACILITATES]->(o:Outcome)
MATCH (f)-[b:HINDERS]->(o)
RETURN f.label AS factor, o.label AS outcome, a.studies AS facilitator, b.studies AS barrier,
       a.study_labels AS facilitator_studies, b.study_labels AS barrier_studies
ORDER BY a.studies + b.studies DESC, f.order, o.order
