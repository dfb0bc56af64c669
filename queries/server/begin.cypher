// Become the one build of a review, unless another one has shown a sign of life within $patience milliseconds. The first SET
// waits for the lock of the node, so that what is read after it is what the other build left.
MERGE (m:KgManifest {review: $review})
SET m.builder = m.builder
WITH m WHERE m.builder IS NULL OR timestamp() - m.beat > $patience
SET m.builder = $builder, m.beat = timestamp()
RETURN m.version AS version, coalesce(m.writing, false) AS writing;
