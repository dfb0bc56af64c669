// title: Contested cells
// description: Pairs of factor and outcome for which some studies report the same pole of the factor as facilitator and others,
// description: or the same ones, as barrier.
MATCH (f:Factor {review: $review})-[a:FACILITATES|ABSENCE_FACILITATES]->(o:Outcome)
MATCH (f)-[b:HINDERS|ABSENCE_HINDERS]->(o)
WHERE a.pole = b.pole
RETURN f, a, b, o
ORDER BY a.studies + b.studies DESC, f.order, o.order, a.pole DESC
LIMIT 100
