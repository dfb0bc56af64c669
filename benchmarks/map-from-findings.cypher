// The gap map as it would be without derived edges: every finding is looked at.
MATCH (s:Study {review: $review})-[:REPORTS]->(x:Finding)
MATCH (x)-[:ABOUT]->(f:Factor)
MATCH (x)-[:AFFECTS]->(o:Outcome)
WITH f.order AS factor, o.order AS outcome, x.direction AS direction, count(DISTINCT s.order) AS studies
RETURN factor, outcome, direction, studies
ORDER BY factor, outcome, direction
