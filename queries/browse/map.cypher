// title: The whole map
// description: Factors and outcomes, with an arrow for each direction that studies report; those of most studies first.
MATCH (f:Factor {review: $review})-[c:FACILITATES|HINDERS|ABSENCE_FACILITATES|ABSENCE_HINDERS|MIXED_FOR|NO_EFFECT_ON|REPORTED_WITH]->(o:Outcome)
RETURN f, c, o
ORDER BY c.studies DESC, f.order, o.order, type(c)
LIMIT 300
