// All relationships of some types, {Types}, that start at the nodes of one label, {Start}, of a review. One statement for
// each label, not for each pair of labels: a server makes a plan for every statement that is new to it.
MATCH (a:{Start} {review: $review})-[r:{Types}]->(b)
RETURN type(r) AS kind, labels(b) AS ends, a.id AS `from`, b.id AS `to`, properties(r) AS properties;
