// title: Evidence gap map, in studies
// description: Studies by factor, outcome, direction and pole: the non-empty cells of the map. Directions are counted
// description: separately and never subtracted from each other. Of the studies, indirect is the number of those that are
// description: cited jointly with others, or whose tie is inferred, and implied that of those that are not known to have
// description: examined the pair.
// param level: string? - only the factors of this group
// returns: level, factor, outcome, direction, pole, studies, findings, implied, indirect, study_labels
// reads: summary
MATCH (f:Factor {review: $review})-[c:FACILITATES|HINDERS|ABSENCE_FACILITATES|ABSENCE_HINDERS|MIXED_FOR|NO_EFFECT_ON|REPORTED_WITH]->(o:Outcome)
WHERE $level IS NULL OR toUpper(f.group) = toUpper($level)
WITH f, o, c, CASE c.direction WHEN 'facilitator' THEN 1 WHEN 'barrier' THEN 2 WHEN 'mixed' THEN 3 WHEN 'no_effect' THEN 4 ELSE 5 END AS place
RETURN f.group AS level, f.label AS factor, o.label AS outcome, c.direction AS direction, c.pole AS pole,
       c.studies AS studies, c.findings AS findings, c.implied_studies AS implied,
       c.indirect_studies AS indirect, c.study_labels AS study_labels
ORDER BY f.order, o.order, place, c.pole DESC
