// title: Gaps, typed and explained
// description: What is missing or thin: pairs without a study, with one, with one direction, contested, in one setting or
// description: design; terms that nothing is tied to; and what the authors state. Ranked by attention, the number of studies
// description: that report the factor plus those that discuss the outcome: a gap between two well-studied things comes first.
// param kind: string? - only the gaps of this kind
// returns: kind, factor, outcome, studies, reason, attention, study_labels
CALL {
  MATCH (ft:Tally)-[:OF]->(f:Factor) WHERE ft.scope = 'all' AND ft.direction IS NULL AND size(ft.outcomes) > 0
  MATCH (ot:Tally)-[:OF]->(o:Outcome)
  WHERE EXISTS { MATCH (o)<-[:FACILITATES|HINDERS|MIXED_FOR|NO_EFFECT_ON|REPORTED_WITH]-(:Factor) }
    AND NOT EXISTS { MATCH (f)-[:FACILITATES|HINDERS|MIXED_FOR|NO_EFFECT_ON|REPORTED_WITH]->(o) }
  RETURN 'no-study' AS kind, f, o, ft.studies + ot.studies AS attention, [] AS labels,
         'no study ties the two, though the factor is reported by ' + toString(ft.studies) + ' and the outcome discussed by ' + toString(ot.studies) AS reason
  UNION ALL
  MATCH (f:Factor)-[c:FACILITATES|HINDERS|MIXED_FOR|NO_EFFECT_ON|REPORTED_WITH]->(o:Outcome)
  UNWIND c.study_labels AS label
  WITH f, o, label, type(c) AS kind ORDER BY label
  WITH f, o, collect(DISTINCT label) AS labels, collect(DISTINCT kind) AS kinds
  WHERE size(labels) = 1 OR size(kinds) = 1
  MATCH (ft:Tally)-[:OF]->(f) WHERE ft.scope = 'all' AND ft.direction IS NULL
  OPTIONAL MATCH (ot:Tally)-[:OF]->(o)
  RETURN CASE WHEN size(labels) = 1 THEN 'one-study' ELSE 'one-direction' END AS kind, f, o,
         ft.studies + coalesce(ot.studies, 0) AS attention, labels,
         CASE WHEN size(labels) = 1 THEN 'rests on a single study'
              ELSE 'all ' + toString(size(labels)) + ' studies report it as ' +
                   CASE kinds[0] WHEN 'FACILITATES' THEN 'facilitator; none looked at its lack or reports a barrier'
                                 WHEN 'HINDERS' THEN 'barrier; none reports a facilitator'
                                 WHEN 'MIXED_FOR' THEN 'mixed'
                                 WHEN 'NO_EFFECT_ON' THEN 'without effect'
                                 ELSE 'related, direction not stated' END END AS reason
  UNION ALL
  MATCH (f:Factor)-[a:FACILITATES]->(o:Outcome)
  MATCH (f)-[b:HINDERS]->(o)
  MATCH (ft:Tally)-[:OF]->(f) WHERE ft.scope = 'all' AND ft.direction IS NULL
  OPTIONAL MATCH (ot:Tally)-[:OF]->(o)
  UNWIND a.study_labels + b.study_labels AS label
  WITH f, o, a, b, ft, ot, label ORDER BY label
  WITH f, o, a, b, ft, ot, collect(DISTINCT label) AS labels
  RETURN 'contested' AS kind, f, o, ft.studies + coalesce(ot.studies, 0) AS attention, labels,
         toString(a.studies) + ' facilitator, ' + toString(b.studies) + ' barrier' AS reason
  UNION ALL
  MATCH (ft:Tally)-[:OF]->(f:Factor) WHERE ft.scope = 'all' AND ft.direction IS NULL AND size(ft.outcomes) = 0
  RETURN 'factor-without-outcome' AS kind, f, null AS o, ft.studies AS attention, ft.study_labels AS labels,
         'reported by ' + toString(ft.studies) + ', but no outcome is tied to it' AS reason
  UNION ALL
  MATCH (o:Outcome)
  WHERE NOT EXISTS { MATCH (o)<-[:FACILITATES|HINDERS|MIXED_FOR|NO_EFFECT_ON|REPORTED_WITH]-(:Factor) }
    AND NOT EXISTS { MATCH (o)<-[:BROADER]-(:Outcome) }
  OPTIONAL MATCH (ot:Tally)-[:OF]->(o)
  RETURN 'outcome-without-factor' AS kind, null AS f, o, coalesce(ot.studies, 0) AS attention,
         coalesce(ot.study_labels, []) AS labels,
         'discussed by ' + toString(coalesce(ot.studies, 0)) + ', but no factor is tied to it' AS reason
  UNION ALL
  MATCH (s:Study)-[:REPORTS]->(x:Finding)
  MATCH (x)-[:ABOUT]->(f:Factor)
  MATCH (x)-[:AFFECTS]->(o:Outcome)
  WITH DISTINCT f, o, s
  OPTIONAL MATCH (s)-[:HAS_DESIGN]->(d:Design)
  WITH f, o, s, d ORDER BY s.order
  WITH f, o, collect(DISTINCT s.id) AS all_ids, collect(DISTINCT CASE WHEN d IS NULL THEN null ELSE s.label END) AS labels,
       collect(DISTINCT d.label) AS designs
  WHERE size(labels) > 1 AND size(designs) = 1
  MATCH (ft:Tally)-[:OF]->(f) WHERE ft.scope = 'all' AND ft.direction IS NULL
  OPTIONAL MATCH (ot:Tally)-[:OF]->(o)
  RETURN 'one-design' AS kind, f, o, ft.studies + coalesce(ot.studies, 0) AS attention, labels,
         'studied in one design only (' + designs[0] + '); the design of ' + toString(size(all_ids) - size(labels)) + ' of ' + toString(size(all_ids)) + ' studies is not given' AS reason
  UNION ALL
  MATCH (s:Study)-[:REPORTS]->(x:Finding)
  MATCH (x)-[:ABOUT]->(f:Factor)
  MATCH (x)-[:AFFECTS]->(o:Outcome)
  WITH DISTINCT f, o, s
  OPTIONAL MATCH (s)-[:IN_SETTING]->(d:Setting)
  WITH f, o, s, d ORDER BY s.order
  WITH f, o, collect(DISTINCT s.id) AS all_ids, collect(DISTINCT CASE WHEN d IS NULL THEN null ELSE s.label END) AS labels,
       collect(DISTINCT d.label) AS settings
  WHERE size(labels) > 1 AND size(settings) = 1
  MATCH (ft:Tally)-[:OF]->(f) WHERE ft.scope = 'all' AND ft.direction IS NULL
  OPTIONAL MATCH (ot:Tally)-[:OF]->(o)
  RETURN 'one-setting' AS kind, f, o, ft.studies + coalesce(ot.studies, 0) AS attention, labels,
         'studied in one setting only (' + settings[0] + '); the setting of ' + toString(size(all_ids) - size(labels)) + ' of ' + toString(size(all_ids)) + ' studies is not given' AS reason
}
WITH kind, f, o, attention, labels, reason
WHERE $kind IS NULL OR kind = $kind
RETURN kind, f.label AS factor, o.label AS outcome, size(labels) AS studies, reason, attention, labels AS study_labels
ORDER BY attention DESC, kind, f.order, o.order
