// Create the manifest of a review if there is none, and lock it until the transaction ends.
MERGE (m:KgManifest {review: $review})
SET m.lock = randomUUID();
