// Become the only build of a review, unless another one has renewed its claim within $patience milliseconds.
MATCH (m:KgManifest {review: $review})
WHERE m.builder IS NULL OR timestamp() - m.beat > $patience
SET m.builder = $builder, m.beat = timestamp()
RETURN m.version AS version, coalesce(m.writing, false) AS writing;
