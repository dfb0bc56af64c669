"""A real Neo4j for the tests: `server` starts it, `python -m tests.neo4j --help` says how."""
