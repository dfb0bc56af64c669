// title: Studies by outcome
// description: How many studies discuss each outcome, whether or not they tie a factor to it.
// returns: outcome, studies, study_labels
// reads: summary
MATCH (t:Tally {review: $review})-[:OF]->(o:Outcome)
RETURN o.label AS outcome, t.studies AS studies, coalesce(t.study_labels, []) AS study_labels
ORDER BY t.studies DESC, o.order
