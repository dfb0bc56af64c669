// One node an id, for every label and review.
CREATE CONSTRAINT kg_study_id IF NOT EXISTS FOR (n:Study) REQUIRE (n.review, n.id) IS UNIQUE;
CREATE CONSTRAINT kg_review_id IF NOT EXISTS FOR (n:Review) REQUIRE (n.review, n.id) IS UNIQUE;
CREATE CONSTRAINT kg_finding_id IF NOT EXISTS FOR (n:Finding) REQUIRE (n.review, n.id) IS UNIQUE;
CREATE CONSTRAINT kg_factor_id IF NOT EXISTS FOR (n:Factor) REQUIRE (n.review, n.id) IS UNIQUE;
CREATE CONSTRAINT kg_outcome_id IF NOT EXISTS FOR (n:Outcome) REQUIRE (n.review, n.id) IS UNIQUE;
CREATE CONSTRAINT kg_design_id IF NOT EXISTS FOR (n:Design) REQUIRE (n.review, n.id) IS UNIQUE;
CREATE CONSTRAINT kg_setting_id IF NOT EXISTS FOR (n:Setting) REQUIRE (n.review, n.id) IS UNIQUE;
CREATE CONSTRAINT kg_population_id IF NOT EXISTS FOR (n:Population) REQUIRE (n.review, n.id) IS UNIQUE;
CREATE CONSTRAINT kg_search_id IF NOT EXISTS FOR (n:Search) REQUIRE (n.review, n.id) IS UNIQUE;
CREATE CONSTRAINT kg_statedgap_id IF NOT EXISTS FOR (n:StatedGap) REQUIRE (n.review, n.id) IS UNIQUE;
CREATE CONSTRAINT kg_source_id IF NOT EXISTS FOR (n:Source) REQUIRE (n.review, n.id) IS UNIQUE;
CREATE CONSTRAINT kg_tally_id IF NOT EXISTS FOR (n:Tally) REQUIRE (n.review, n.id) IS UNIQUE;
