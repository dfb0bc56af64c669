// title: Gaps that the authors state
// description: What the review says is missing, with the factors and outcomes it concerns.
// returns: kind, statement, factors, outcomes, locator
MATCH (r:Review {review: $review})-[:STATES]->(g:StatedGap)
OPTIONAL MATCH (g)-[:CONCERNS]->(f:Factor)
WITH g, f ORDER BY f.order
WITH g, collect(f.label) AS factors
OPTIONAL MATCH (g)-[:CONCERNS]->(o:Outcome)
WITH g, factors, o ORDER BY o.order
WITH g, factors, collect(o.label) AS outcomes
RETURN g.kind AS kind, g.statement AS statement, factors, outcomes, g.locator AS locator
ORDER BY g.id
