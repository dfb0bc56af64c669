// Show a sign of life; no row where another build has taken over.
MATCH (m:KgManifest {review: $review})
WHERE m.builder = $builder
SET m.beat = timestamp()
RETURN m.review AS review;
