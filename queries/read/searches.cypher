// title: The searches
// description: The sources that were searched, the date, the query and the number of results.
// returns: date, source, platform, query, filters, corpus, hits, fetched, missing, credits, file, locator
MATCH (r:Review {review: $review})-[:RAN]->(s:Search)
RETURN s.date AS date, s.source AS source, s.platform AS platform, s.query AS query, s.filters AS filters, s.corpus AS corpus,
       s.hits AS hits, s.fetched AS fetched, s.missing AS missing, s.credits AS credits, s.file AS file, s.locator AS locator
ORDER BY s.id
