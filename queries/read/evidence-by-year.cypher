// title: Evidence by year, in studies and findings
// description: Studies published and findings reported in each year, by direction. Studies without a year are in the row "not given".
// returns: year, studies, findings, facilitator, barrier, other
MATCH (s:Study {review: $review})
OPTIONAL MATCH (s)-[:REPORTS]->(x:Finding)
WITH s.year AS y, count(DISTINCT s) AS studies, count(x) AS findings,
     count(CASE WHEN x.direction = 'facilitator' THEN 1 END) AS facilitator,
     count(CASE WHEN x.direction = 'barrier' THEN 1 END) AS barrier
RETURN coalesce(toString(y), 'not given') AS year, studies, findings, facilitator, barrier,
       findings - facilitator - barrier AS other
ORDER BY year
