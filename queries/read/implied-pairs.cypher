// title: Pairs that are implied only
// description: The pairs of a factor and an outcome with studies of which none is known to have examined the two together.
// returns: factor, outcome, study_labels
// reads: summary
MATCH (f:Factor {review: $review})-[c:FACILITATES|HINDERS|ABSENCE_FACILITATES|ABSENCE_HINDERS|MIXED_FOR|NO_EFFECT_ON|REPORTED_WITH]->(o:Outcome)
WITH f, o, c
ORDER BY CASE c.direction WHEN 'facilitator' THEN 1 WHEN 'barrier' THEN 2 WHEN 'mixed' THEN 3 WHEN 'no_effect' THEN 4 ELSE 5 END, c.pole DESC
WITH f.label AS factor, o.label AS outcome, f.order AS row, o.order AS column,
     sum(c.studies - c.implied_studies) AS paired, collect(c.study_labels) AS lists
WHERE paired = 0
RETURN factor, outcome, reduce(found = [], list IN lists | found + [label IN list WHERE NOT label IN found]) AS study_labels
ORDER BY row, column
