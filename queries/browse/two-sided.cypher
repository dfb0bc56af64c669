// title: Cells told from two poles
// description: Pairs of factor and outcome for which the presence of the factor is said to help and its absence to harm, or the
// description: other way round.
MATCH (f:Factor {review: $review})-[a:FACILITATES|HINDERS]->(o:Outcome)
MATCH (f)-[b:ABSENCE_FACILITATES|ABSENCE_HINDERS]->(o)
WHERE a.direction <> b.direction
  AND COUNT { MATCH (f)-[:FACILITATES|HINDERS|ABSENCE_FACILITATES|ABSENCE_HINDERS]->(o) } = 2
RETURN f, a, b, o
ORDER BY a.studies + b.studies DESC, f.order, o.order, a.direction
LIMIT 100
