// Nodes of one label, {Label}, that leave the review but that something else in the database is tied to: they stay, without
// the labels and the mark of kg, since what is tied to them is not kg's to remove.
UNWIND $rows AS row
MATCH (n:{Label} {review: $review, id: row.id})
WHERE EXISTS { (n)--() }
REMOVE n:{Label}{Further}, n.review;
