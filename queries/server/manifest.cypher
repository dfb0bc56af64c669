// What the graph of a review was built from.
MATCH (m:KgManifest {review: $review})
RETURN m.model AS model, m.files AS files, m.rejected AS rejected, m.counts AS counts;
