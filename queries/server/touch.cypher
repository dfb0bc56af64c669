// Record new file times for the same content.
MATCH (m:KgManifest {review: $review})
WHERE m.version = $version
SET m.files = $files;
