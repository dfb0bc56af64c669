// title: One study with all its findings
// description: What the study reports about which factors and outcomes, and the files it was read from.
// param study: string - the key of a study
MATCH (s:Study {review: $review, key: $study})
OPTIONAL MATCH (s)-[r:REPORTS]->(x:Finding)
OPTIONAL MATCH (x)-[a:ABOUT]->(f:Factor)
OPTIONAL MATCH (x)-[t:AFFECTS]->(o:Outcome)
OPTIONAL MATCH (x)-[e:EXTRACTED_FROM]->(w:Source)
RETURN s, r, x, a, f, t, o, e, w
ORDER BY x.id, o.order
LIMIT 300
