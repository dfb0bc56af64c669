// A build gives up: the graph keeps its version if it is still what it was.
MATCH (m:KgManifest {review: $review})
WHERE m.builder = $builder
REMOVE m.builder, m.beat, m.writing;
