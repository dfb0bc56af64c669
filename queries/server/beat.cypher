// Renew the claim of a build; returns no row if another build has taken over.
MATCH (m:KgManifest {review: $review})
WHERE m.builder = $builder
SET m.beat = timestamp()
RETURN m.review AS review;
