// Make the manifest of a review, if there is none, and hold it until the transaction ends.
MERGE (m:KgManifest {review: $review})
SET m.lock = randomUUID();
