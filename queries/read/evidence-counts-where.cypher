// title: Evidence counts of a part of the studies
// description: The same counts as evidence-counts, restricted to the studies that match every filter given; rows without
// description: studies are left out.
// param level: string? - only the factors of this group
// param all: boolean = false - also count the findings that are only in the prose
// param design: string? - only studies with this design
// param setting: string? - only studies in this setting
// param population: string? - only studies with this population
// param methods: string? - only quantitative, qualitative or mixed methods studies
// param from_year: integer? - only studies of this year or later
// param to_year: integer? - only studies of this year or earlier
// returns: level, factor, direction, studies, study_labels
MATCH (s:Study {review: $review})
WHERE ($from_year IS NULL OR s.year >= $from_year)
  AND ($to_year IS NULL OR s.year <= $to_year)
  AND ($methods IS NULL OR toUpper(s.methods) = toUpper($methods))
  AND ($design IS NULL OR EXISTS { MATCH (s)-[:CODED_AS]->(d:Value {facet: 'design'}) WHERE toUpper(toString(d.label)) = toUpper($design) })
  AND ($setting IS NULL OR EXISTS { MATCH (s)-[:CODED_AS]->(w:Value {facet: 'setting'}) WHERE toUpper(toString(w.label)) = toUpper($setting) })
  AND ($population IS NULL OR EXISTS { MATCH (s)-[:CODED_AS]->(p:Value {facet: 'population'}) WHERE toUpper(toString(p.label)) = toUpper($population) })
MATCH (s)-[:REPORTS]->(x:Finding)
WHERE $all OR x.tabulated
MATCH (x)-[:ABOUT]->(f:Factor)
WHERE $level IS NULL OR toUpper(f.group) = toUpper($level)
WITH DISTINCT f.id AS id, x.direction AS direction, s.order AS place, s.label AS label
ORDER BY place
WITH id, direction, count(label) AS studies, collect(label) AS study_labels
MATCH (f:Factor {review: $review, id: id})
RETURN f.group AS level, f.label AS factor, direction, studies, study_labels
ORDER BY f.order,
  CASE direction WHEN 'facilitator' THEN 1 WHEN 'barrier' THEN 2 WHEN 'mixed' THEN 3 WHEN 'no_effect' THEN 4 ELSE 5 END
