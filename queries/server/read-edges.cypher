// All relationships of one type, {Type}, between nodes of two labels, {Start} and {End}, of a review.
MATCH (a:{Start} {review: $review})-[r:{Type}]->(b:{End})
RETURN {Columns};
