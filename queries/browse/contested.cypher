// title: Contested cells
// description: Pairs of factor and outcome that some studies report as facilitator and others, or the same ones, as barrier.
MATCH (f:Factor {review: $review})-[a:FACILITATES]->(o:Outcome)
MATCH (f)-[b:HINDERS]->(o)
RETURN f, a, b, o
ORDER BY a.studies + b.studies DESC, f.order, o.order
LIMIT 100
