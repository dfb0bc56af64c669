"""The ontology (OWL), its vocabularies (SKOS) and the shapes (SHACL), in Turtle."""
