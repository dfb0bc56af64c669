// title: The vocabulary as a tree
// description: Every factor and outcome, each with an arrow to the term above it.
CALL () {
  MATCH (c:Factor {review: $review})
  OPTIONAL MATCH (c)-[b:BROADER]->(above:Factor)
  RETURN 1 AS place, c, b, above
  UNION ALL
  MATCH (c:Outcome {review: $review})
  OPTIONAL MATCH (c)-[b:BROADER]->(above:Outcome)
  RETURN 2 AS place, c, b, above
}
RETURN c, b, above
ORDER BY place, c.order
LIMIT 500
