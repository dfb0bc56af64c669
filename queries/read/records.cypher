// title: The records
// description: One row per record: what a source says about a publication, the study or candidate that it reports, how that is
// description: known, and the file and row it was read from.
// returns: id, database, reports, study_label, reason, authors, year, date, title, publication_type, venue, language, doi, pmid, pmcid, openalex, oa_url, oa_status, cited_by, references, topics, countries, institutions, funders, has_abstract, retracted, updated, seen, file, row
MATCH (r:Record {review: $review})
OPTIONAL MATCH (r)-[included:REPORT_OF]->(s:Study)
OPTIONAL MATCH (r)-[found:REPORT_OF]->(c:Candidate)
OPTIONAL MATCH (r)-[e:EXTRACTED_FROM]->(src:Source)
CALL (r) {
  MATCH (r)-[:HAS_TOPIC]->(t:Topic)
  WITH DISTINCT t.label AS topic ORDER BY topic
  RETURN collect(topic) AS topics
}
CALL (r) {
  MATCH (r)-[:AFFILIATED_WITH]->(i:Institution)
  WITH DISTINCT i.name AS institution ORDER BY institution
  RETURN collect(institution) AS institutions
}
CALL (r) {
  MATCH (r)-[:AFFILIATED_WITH]->(i:Institution)
  WITH DISTINCT i.country_code AS code ORDER BY code
  RETURN collect(code) AS countries
}
CALL (r) {
  MATCH (r)-[:FUNDED_BY]->(f:Funder)
  WITH DISTINCT f.name AS funder ORDER BY funder
  RETURN collect(funder) AS funders
}
RETURN r.id AS id, r.database AS database, coalesce(s.id, c.id) AS reports, s.label AS study_label, coalesce(included.reason, found.reason) AS reason, r.authors AS authors,
       r.year AS year, r.date AS date, r.title AS title, r.publication_type AS publication_type, r.venue AS venue, r.language AS language,
       r.doi AS doi, r.pmid AS pmid, r.pmcid AS pmcid, r.openalex AS openalex, r.oa_url AS oa_url, r.oa_status AS oa_status,
       r.cited_by AS cited_by, r.references AS references, topics, countries, institutions, funders,
       r.has_abstract AS has_abstract, r.retracted AS retracted, r.updated AS updated, r.seen AS seen,
       src.path AS file, e.row AS row
ORDER BY src.path, e.row, r.id
