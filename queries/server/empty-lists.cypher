// neo4j-admin imports an empty list as a missing value. A tally lists its studies, and the tally of a factor also outcomes.
MATCH (:Review)-[:HAS_TALLY]->(t:Tally) WHERE t.study_labels IS NULL
SET t.study_labels = [];
MATCH (:Review)-[:HAS_TALLY]->(t:Tally)-[:OF]->(:Factor) WHERE t.outcomes IS NULL
SET t.outcomes = [];
