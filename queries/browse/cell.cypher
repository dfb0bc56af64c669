// title: The studies behind a cell
// description: The findings that tie a factor to an outcome, and the studies that report them.
// param factor: string - the id of a factor
// param outcome: string - the id of an outcome
MATCH (f:Factor {review: $review, id: $factor})<-[a:ABOUT]-(x:Finding)
MATCH (x)-[t:AFFECTS]->(o:Outcome {review: $review, id: $outcome})
MATCH (s:Study)-[r:REPORTS]->(x)
RETURN s, r, x, a, f, t, o
ORDER BY s.order, x.id
LIMIT 200
