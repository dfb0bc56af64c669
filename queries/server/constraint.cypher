// One manifest a review: what was built into this database, and by which build it is being changed.
CREATE CONSTRAINT kg_manifest_review IF NOT EXISTS FOR (m:KgManifest) REQUIRE m.review IS UNIQUE;
