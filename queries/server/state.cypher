// The reviews of the database, each with the version of its graph and what is being done to it. A graph without a version
// is incomplete; one that is being written may change while it is read. A manifest left by a build that gave up before it
// wrote anything is not a review.
MATCH (m:KgManifest)
WHERE m.version IS NOT NULL OR m.builder IS NOT NULL OR m.writing
RETURN m.review AS review, m.version AS version, m.builder AS builder, coalesce(m.writing, false) AS writing,
       timestamp() - m.beat AS idle
ORDER BY review;
