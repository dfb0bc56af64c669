// title: Evidence gap map
// description: Studies by factor, outcome and direction: the non-empty cells of the map. Directions stand side by side and are
// description: never netted.
// param level: string? - only the factors of this group
// returns: level, factor, outcome, direction, studies, findings, study_labels
// reads: summary
MATCH (f:Factor)-[c:FACILITATES|HINDERS|MIXED_FOR|NO_EFFECT_ON|REPORTED_WITH]->(o:Outcome)
WHERE $level IS NULL OR toLower(f.group) = toLower($level)
WITH f, o, c, CASE type(c) WHEN 'FACILITATES' THEN 1 WHEN 'HINDERS' THEN 2 WHEN 'MIXED_FOR' THEN 3 WHEN 'NO_EFFECT_ON' THEN 4 ELSE 5 END AS place
RETURN f.group AS level, f.label AS factor, o.label AS outcome,
       CASE place WHEN 1 THEN 'facilitator' WHEN 2 THEN 'barrier' WHEN 3 THEN 'mixed' WHEN 4 THEN 'no_effect' ELSE 'unspecified' END AS direction,
       c.studies AS studies, c.findings AS findings, c.study_labels AS study_labels
ORDER BY f.order, o.order, place
