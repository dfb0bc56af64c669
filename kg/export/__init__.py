"""Exports: tables as text, the gap map as HTML, the evidence as CSV and RDF, and files for Neo4j."""
