// The number of relationships of one type, {Type}, between nodes of two labels, {Start} and {End}, of a review.
MATCH (a:{Start} {review: $review})-[r:{Type}]->(b:{End})
RETURN count(r) AS number;
