// Tell readers that the graph is about to change. If it changes in several steps, it has no version until it is complete.
MATCH (m:KgManifest {review: $review})
SET m.writing = true, m.version = CASE WHEN $whole THEN m.version ELSE null END;
