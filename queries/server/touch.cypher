// The same content under new file times.
MATCH (m:KgManifest {review: $review})
WHERE m.version = $version
SET m.files = $files;
