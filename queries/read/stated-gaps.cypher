// title: Gaps that the authors state
// description: The gaps that the review states, with the factors and outcomes it concerns.
// returns: kind, statement, factors, outcomes, locator
// reads: summary
MATCH (r:Review {review: $review})-[:STATES]->(g:StatedGap)
CALL (g) {
  MATCH (g)-[:CONCERNS]->(f:Factor)
  WITH f ORDER BY f.order
  RETURN collect(f.label) AS factors
}
CALL (g) {
  MATCH (g)-[:CONCERNS]->(o:Outcome)
  WITH o ORDER BY o.order
  RETURN collect(o.label) AS outcomes
}
RETURN g.kind AS kind, g.statement AS statement, factors, outcomes, g.locator AS locator
ORDER BY g.id
