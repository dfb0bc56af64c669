// title: The files, and what became of their records
// description: One row per file. Records in = studies + merged + left: a record represents a study or another work, or
// description: reports one that another record already represents, or is a notice and the like.
// returns: file, rows, records, studies, merged, left, sha256
MATCH (s:Source {review: $review})
RETURN s.path AS file, s.rows AS rows, s.records AS records, s.studies AS studies, s.merged AS merged, s.left AS left,
       s.sha256 AS sha256
ORDER BY s.path
