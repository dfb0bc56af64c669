// Become the one build of a review, unless another one has shown a sign of life within $patience milliseconds.
MATCH (m:KgManifest {review: $review})
WHERE m.builder IS NULL OR timestamp() - m.beat > $patience
SET m.builder = $builder, m.beat = timestamp()
RETURN m.version AS version, coalesce(m.writing, false) AS writing;
