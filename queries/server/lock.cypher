// Lock the manifest of a review until the transaction ends, so that the next read sees the completed changes of others.
MATCH (m:KgManifest {review: $review})
SET m.lock = randomUUID();
