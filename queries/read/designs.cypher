// title: Designs, methods and the like, in studies
// description: The number of studies with each methods class, design, setting, population, country and publication type.
// description: A study without a value is counted as "not given"; nothing is guessed.
// returns: group, value, studies
UNWIND ['methods', 'design', 'setting', 'population', 'country', 'publication_type'] AS facet
MATCH (s:Study {review: $review})
OPTIONAL MATCH (s)-[:CODED_AS]->(v:Value {facet: facet})
WITH facet, v.label AS value, count(s) AS studies
WITH facet, value, studies, CASE WHEN value IS NULL THEN 1 ELSE 0 END AS last,
     CASE facet WHEN 'methods' THEN 1 WHEN 'design' THEN 2 WHEN 'setting' THEN 3 WHEN 'population' THEN 4 WHEN 'country' THEN 5 ELSE 6 END AS place
RETURN replace(facet, '_', ' ') AS group, coalesce(value, 'not given') AS value, studies
ORDER BY place, last, studies DESC, value
