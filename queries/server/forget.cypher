// Delete the manifest of a review whose graph has been removed, unless a new build has begun.
MATCH (m:KgManifest {review: $review})
WHERE m.builder IS NULL
DELETE m;
