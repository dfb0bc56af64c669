// title: Gaps, typed and explained
// description: What is missing or rests on little evidence: pairs without a study, with one study, with one direction,
// description: contested, told from two poles of the factor, cited jointly or inferred only, in one setting or design (if it is
// description: known for at least half of the studies); terms that nothing is tied to.
// description: Ranked by attention, the number of studies that report the factor plus the number that discuss the outcome: a gap
// description: between two well-studied terms comes first.
// param kind: string? - only the gaps of this kind
// returns: kind, factor, outcome, studies, reason, attention, study_labels
// reads: summary
CALL () {
  WITH 1 AS asked WHERE $kind IS NULL OR $kind = 'no-study'
  MATCH (f:Factor {review: $review})
  WHERE f.studies > 0
    AND EXISTS { MATCH (f)-[:FACILITATES|HINDERS|ABSENCE_FACILITATES|ABSENCE_HINDERS|MIXED_FOR|NO_EFFECT_ON|REPORTED_WITH]->(:Outcome) }
  MATCH (o:Outcome {review: $review})
  WHERE EXISTS { MATCH (o)<-[:FACILITATES|HINDERS|ABSENCE_FACILITATES|ABSENCE_HINDERS|MIXED_FOR|NO_EFFECT_ON|REPORTED_WITH]-(:Factor) }
    AND NOT EXISTS { MATCH (f)-[:FACILITATES|HINDERS|ABSENCE_FACILITATES|ABSENCE_HINDERS|MIXED_FOR|NO_EFFECT_ON|REPORTED_WITH]->(o) }
  RETURN 'no-study' AS kind, f.id AS factor, o.id AS outcome, [] AS labels,
         'no study ties the two, though ' + toString(f.studies) + ' report the factor and ' + toString(o.studies) + ' discuss the outcome' AS reason
  UNION ALL
  WITH 1 AS asked WHERE $kind IS NULL OR $kind IN ['one-study', 'one-direction']
  MATCH (f:Factor {review: $review})-[c:FACILITATES|HINDERS|ABSENCE_FACILITATES|ABSENCE_HINDERS|MIXED_FOR|NO_EFFECT_ON|REPORTED_WITH]->(o:Outcome)
  WITH f.id AS factor, o.id AS outcome, max(c.studies) AS most, collect(DISTINCT c.study_labels[0]) AS firsts,
       collect(c.direction) AS directions, collect(c.study_labels) AS lists, collect(c.pole) AS poles
  WITH factor, outcome, lists[0] AS labels, directions, poles, most = 1 AND size(firsts) = 1 AS single
  WHERE single OR size(directions) = 1
  RETURN CASE WHEN single THEN 'one-study' ELSE 'one-direction' END AS kind, factor, outcome, labels,
         CASE WHEN single THEN 'rests on a single study'
              ELSE 'all ' + toString(size(labels)) + ' studies report ' + CASE WHEN 'absence' IN poles THEN 'its absence' ELSE 'it' END + ' as ' +
                   CASE directions[0] WHEN 'facilitator' THEN 'facilitator, none as barrier'
                                      WHEN 'barrier' THEN 'barrier, none as facilitator'
                                      WHEN 'no_effect' THEN 'without effect'
                                      WHEN 'unspecified' THEN 'related, direction not stated'
                                      ELSE directions[0] END END AS reason
  UNION ALL
  WITH 1 AS asked WHERE $kind IS NULL OR $kind = 'contested'
  MATCH (f:Factor {review: $review})-[a:FACILITATES|ABSENCE_FACILITATES]->(o:Outcome)
  MATCH (f)-[b:HINDERS|ABSENCE_HINDERS]->(o)
  WHERE a.pole = b.pole
  WITH f.id AS factor, o.id AS outcome, a.studies AS helped, b.studies AS hindered, a.study_labels = b.study_labels AS same,
       a.study_labels + [label IN b.study_labels WHERE NOT label IN a.study_labels] AS labels,
       CASE a.pole WHEN 'absence' THEN 'by its absence: ' ELSE '' END AS pole
  RETURN 'contested' AS kind, factor, outcome, labels,
         pole + toString(helped) + ' facilitator, ' + toString(hindered) + ' barrier' +
         CASE WHEN NOT same THEN '' WHEN size(labels) = 1 THEN ', in one study' ELSE ', in the same studies' END AS reason
  UNION ALL
  WITH 1 AS asked WHERE $kind IS NULL OR $kind = 'two-sided'
  MATCH (f:Factor {review: $review})-[a:FACILITATES|HINDERS]->(o:Outcome)
  MATCH (f)-[b:ABSENCE_FACILITATES|ABSENCE_HINDERS]->(o)
  WHERE a.direction <> b.direction
    AND COUNT { MATCH (f)-[:FACILITATES|HINDERS|ABSENCE_FACILITATES|ABSENCE_HINDERS]->(o) } = 2
  RETURN 'two-sided' AS kind, f.id AS factor, o.id AS outcome,
         a.study_labels + [label IN b.study_labels WHERE NOT label IN a.study_labels] AS labels,
         'its presence ' + CASE a.direction WHEN 'facilitator' THEN 'helps' ELSE 'harms' END + ' (' + toString(a.studies) + '), its absence ' +
         CASE b.direction WHEN 'facilitator' THEN 'helps' ELSE 'harms' END + ' (' + toString(b.studies) + ')' AS reason
  UNION ALL
  WITH 1 AS asked WHERE $kind IS NULL OR $kind = 'indirect'
  MATCH (f:Factor {review: $review})-[c:FACILITATES|HINDERS|ABSENCE_FACILITATES|ABSENCE_HINDERS|MIXED_FOR|NO_EFFECT_ON|REPORTED_WITH]->(o:Outcome)
  WITH f.id AS factor, o.id AS outcome, c
  ORDER BY CASE c.direction WHEN 'facilitator' THEN 1 WHEN 'barrier' THEN 2 WHEN 'mixed' THEN 3 WHEN 'no_effect' THEN 4 ELSE 5 END, c.pole DESC
  WITH factor, outcome, sum(c.studies - c.indirect_studies) AS direct, collect(c.study_labels) AS lists
  WHERE direct = 0
  WITH factor, outcome, reduce(found = [], list IN lists | found + [label IN list WHERE NOT label IN found]) AS labels
  RETURN 'indirect' AS kind, factor, outcome, labels,
         CASE size(labels) WHEN 1 THEN 'its one study is' ELSE 'all ' + toString(size(labels)) + ' studies are' END + ' cited jointly, or the tie is inferred' AS reason
  UNION ALL
  WITH 1 AS asked WHERE $kind IS NULL OR $kind = 'factor-without-outcome'
  MATCH (t:Tally {review: $review})-[:OF]->(f:Factor)
  WHERE t.scope = 'all' AND t.direction IS NULL AND size(coalesce(t.outcomes, [])) = 0
  RETURN 'factor-without-outcome' AS kind, f.id AS factor, null AS outcome, t.study_labels AS labels,
         'reported by ' + toString(t.studies) + ', but no outcome is tied to it' AS reason
  UNION ALL
  WITH 1 AS asked WHERE $kind IS NULL OR $kind = 'outcome-without-factor'
  MATCH (o:Outcome {review: $review})
  WHERE NOT EXISTS { MATCH (o)<-[:FACILITATES|HINDERS|ABSENCE_FACILITATES|ABSENCE_HINDERS|MIXED_FOR|NO_EFFECT_ON|REPORTED_WITH]-(:Factor) }
    AND NOT EXISTS { MATCH (o)<-[:BROADER]-(:Outcome) }
  OPTIONAL MATCH (t:Tally)-[:OF]->(o)
  RETURN 'outcome-without-factor' AS kind, null AS factor, o.id AS outcome, coalesce(t.study_labels, []) AS labels,
         'discussed by ' + toString(o.studies) + ', but no factor is tied to it' AS reason
  UNION ALL
  WITH 1 AS asked WHERE $kind IS NULL OR $kind = 'one-design'
  MATCH (f:Factor {review: $review})-[c:FACILITATES|HINDERS|ABSENCE_FACILITATES|ABSENCE_HINDERS|MIXED_FOR|NO_EFFECT_ON|REPORTED_WITH]->(o:Outcome)
  WHERE c.one_design IS NOT NULL
  UNWIND c.study_labels AS label
  WITH f.id AS factor, o.id AS outcome, c.one_design AS design, c.one_design_labels AS labels, count(DISTINCT label) AS reporting
  WHERE size(labels) * 2 >= reporting
  RETURN 'one-design' AS kind, factor, outcome, labels,
         'studied in one design only (' + design + '); not given for ' + toString(reporting - size(labels)) + ' of ' + toString(reporting) AS reason
  UNION ALL
  WITH 1 AS asked WHERE $kind IS NULL OR $kind = 'one-setting'
  MATCH (f:Factor {review: $review})-[c:FACILITATES|HINDERS|ABSENCE_FACILITATES|ABSENCE_HINDERS|MIXED_FOR|NO_EFFECT_ON|REPORTED_WITH]->(o:Outcome)
  WHERE c.one_setting IS NOT NULL
  UNWIND c.study_labels AS label
  WITH f.id AS factor, o.id AS outcome, c.one_setting AS setting, c.one_setting_labels AS labels, count(DISTINCT label) AS reporting
  WHERE size(labels) * 2 >= reporting
  RETURN 'one-setting' AS kind, factor, outcome, labels,
         'studied in one setting only (' + setting + '); not given for ' + toString(reporting - size(labels)) + ' of ' + toString(reporting) AS reason
}
WITH kind, factor, outcome, labels, reason
WHERE $kind IS NULL OR kind = $kind
WITH factor, collect([kind, outcome, labels, reason]) AS of_factor
OPTIONAL MATCH (f:Factor {review: $review, id: factor})
UNWIND of_factor AS gap
WITH gap[1] AS outcome, collect([f, gap]) AS of_outcome
OPTIONAL MATCH (o:Outcome {review: $review, id: outcome})
UNWIND of_outcome AS pair
WITH pair[1][0] AS kind, pair[0] AS f, o, pair[1][2] AS labels, pair[1][3] AS reason
WITH kind, f, o, labels, reason, coalesce(f.studies, 0) + coalesce(o.studies, 0) AS attention
RETURN kind, f.label AS factor, o.label AS outcome, size(labels) AS studies, reason, attention, labels AS study_labels
ORDER BY attention DESC, CASE kind WHEN 'contested' THEN 1 WHEN 'no-study' THEN 2 WHEN 'one-study' THEN 3 WHEN 'one-direction' THEN 4 ELSE 5 END, kind, f.order, o.order, reason
