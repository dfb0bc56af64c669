// Release nodes of one label, {Label}, that leave the review but have relationships to other data in the database: they
// stay, without the labels of kg and without review, because that other data does not belong to kg.
UNWIND $rows AS row
MATCH (n:{Label} {review: $review, id: row.id})
WHERE EXISTS { (n)--() }
REMOVE n:{Label}{Further}, n.review;
