// Show a sign of life; no row where another build has taken over.
MATCH (m:KgManifest {review: $review})
SET m.beat = CASE m.builder WHEN $builder THEN timestamp() ELSE m.beat END
WITH m WHERE m.builder = $builder
RETURN m.review AS review;
