// Hold the manifest of a review until the transaction ends, so that what is read next is what the others left.
MATCH (m:KgManifest {review: $review})
SET m.lock = randomUUID();
