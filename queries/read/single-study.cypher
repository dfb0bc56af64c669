// title: Cells that rest on one study
// description: Pairs of factor and outcome with findings of exactly one study.
// returns: factor, outcome, study_label, directions
// reads: summary
MATCH (f:Factor {review: $review})-[c:FACILITATES|HINDERS|MIXED_FOR|NO_EFFECT_ON|REPORTED_WITH]->(o:Outcome)
UNWIND c.study_labels AS label
WITH f, o, collect(DISTINCT label) AS labels, collect(DISTINCT c.direction) AS found
WHERE size(labels) = 1
RETURN f.label AS factor, o.label AS outcome, labels[0] AS study_label,
       [d IN ['facilitator', 'barrier', 'mixed', 'no_effect', 'unspecified'] WHERE d IN found] AS directions
ORDER BY f.order, o.order
