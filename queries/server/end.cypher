// Record that the graph is complete, and what it was built from.
MATCH (m:KgManifest {review: $review})
SET m.version = $version, m.model = $model, m.files = $files, m.rejected = $rejected, m.counts = $counts
REMOVE m.builder, m.beat, m.writing, m.lock;
