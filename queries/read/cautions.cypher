// title: Studies that do not stand as published
// description: The studies that are retracted, of concern, corrected or superseded, by status, the most serious first.
// returns: status, studies, study_labels
// reads: summary
MATCH (c:Caution {review: $review})
RETURN c.status AS status, c.studies AS studies, c.study_labels AS study_labels
ORDER BY CASE c.status WHEN 'retracted' THEN 1 WHEN 'concern' THEN 2 WHEN 'corrected' THEN 3 ELSE 4 END
