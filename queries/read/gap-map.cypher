// title: Evidence gap map
// description: Studies by factor, outcome and direction: the non-empty cells of the map. Directions are counted
// description: separately and never subtracted from each other.
// param level: string? - only the factors of this group
// returns: level, factor, outcome, direction, studies, findings, study_labels
// reads: summary
MATCH (f:Factor {review: $review})-[c:FACILITATES|HINDERS|ABSENCE_FACILITATES|ABSENCE_HINDERS|MIXED_FOR|NO_EFFECT_ON|REPORTED_WITH]->(o:Outcome)
WHERE $level IS NULL OR toUpper(f.group) = toUpper($level)
RETURN f.group AS level, f.label AS factor, o.label AS outcome, c.direction AS direction,
       c.studies AS studies, c.findings AS findings, c.study_labels AS study_labels
ORDER BY f.order, o.order, type(c)
