"""Every line of Cypher in the project: schema/, load/ and read/, one query a file."""
