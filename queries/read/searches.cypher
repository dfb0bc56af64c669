// title: The searches
// description: Which sources were searched, when, with what, and how much came back.
// returns: date, source, platform, query, filters, hits, locator
MATCH (r:Review {review: $review})-[:RAN]->(s:Search)
RETURN s.date AS date, s.source AS source, s.platform AS platform, s.query AS query, s.filters AS filters, s.hits AS hits,
       s.locator AS locator
ORDER BY s.id
