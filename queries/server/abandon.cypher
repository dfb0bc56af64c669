// A build gives up. The graph keeps its version if it has not changed; otherwise it stays marked as being written, and
// readers learn that the build was interrupted.
MATCH (m:KgManifest {review: $review})
WHERE m.builder = $builder
SET m.writing = CASE WHEN m.version IS NULL THEN m.writing ELSE null END
REMOVE m.builder, m.beat, m.lock;
