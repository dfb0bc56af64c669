// The reviews of the database, each with the version of its graph and what is being done to it. A graph without a version
// is not whole; one that is being written may change under a reader. What a build left that gave up before it wrote
// anything is no review.
MATCH (m:KgManifest)
WHERE m.version IS NOT NULL OR m.builder IS NOT NULL OR m.writing
RETURN m.review AS review, m.version AS version, m.builder AS builder, coalesce(m.writing, false) AS writing,
       timestamp() - m.beat AS idle
ORDER BY review;
