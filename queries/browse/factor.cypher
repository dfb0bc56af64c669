// title: One factor and all it touches
// description: The outcomes it is tied to, the terms above and below it, the gaps that name it, and the findings about it with their
// description: studies.
// param factor: string - the id of a factor
CALL () {
  MATCH p = (f:Factor {review: $review, id: $factor})-[:FACILITATES|HINDERS|ABSENCE_FACILITATES|ABSENCE_HINDERS|MIXED_FOR|NO_EFFECT_ON|REPORTED_WITH]->(:Outcome)
  RETURN 1 AS place, p
  UNION ALL
  MATCH p = (f:Factor {review: $review, id: $factor})-[:BROADER]->(:Factor)
  RETURN 2 AS place, p
  UNION ALL
  MATCH p = (:Factor)-[:BROADER]->(f:Factor {review: $review, id: $factor})
  RETURN 2 AS place, p
  UNION ALL
  MATCH p = (:StatedGap)-[:CONCERNS]->(f:Factor {review: $review, id: $factor})
  RETURN 3 AS place, p
  UNION ALL
  MATCH p = (:Study)-[:REPORTS]->(:Finding)-[:ABOUT]->(f:Factor {review: $review, id: $factor})
  RETURN 4 AS place, p
}
RETURN p
ORDER BY place
LIMIT 300
