// One manifest per review: what was built into this database, and which build is changing it.
CREATE CONSTRAINT kg_manifest_review IF NOT EXISTS FOR (m:KgManifest) REQUIRE m.review IS UNIQUE;
