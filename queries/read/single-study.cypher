// title: Cells that rest on one study
// description: Pairs of factor and outcome with findings from exactly one study.
// returns: factor, outcome, study_label, directions
// reads: summary
MATCH (f:Factor {review: $review})-[c:FACILITATES|HINDERS|ABSENCE_FACILITATES|ABSENCE_HINDERS|MIXED_FOR|NO_EFFECT_ON|REPORTED_WITH]->(o:Outcome)
WITH f.id AS factor, o.id AS outcome, max(c.studies) AS most, collect(DISTINCT c.study_labels[0]) AS labels,
     collect(c.direction) AS found
WHERE most = 1 AND size(labels) = 1
MATCH (f:Factor {review: $review, id: factor})
MATCH (o:Outcome {review: $review, id: outcome})
RETURN f.label AS factor, o.label AS outcome, labels[0] AS study_label,
       [d IN ['facilitator', 'barrier', 'mixed', 'no_effect', 'unspecified'] WHERE d IN found] AS directions
ORDER BY f.order, o.order
