"""The names of the files and folders in a review folder, and the file extensions that are read in each."""

from __future__ import annotations

CONFIG = "review.toml"
SEARCHES, GAPS, DUPLICATES = "records/searches.csv", "published/gaps.csv", "records/duplicates.csv"
#: The changes of the vocabularies, and the findings on terms that were split, with the new term of each.
MIGRATIONS, RECODE = "vocabulary/changes/migrations.csv", "vocabulary/changes/recode.csv"
#: Folder -> extensions of the files in it that are read.
RECORDS = {
    "records": (".jsonl", ".jsonl.gz", ".gz", ".json"),
    "references": (".ris", ".bib", ".nbib", ".ciw", ".xml", ".csv", ".tsv", ".txt"),
    "standing": (".csv", ".json", ".jsonl"),
}
SHEETS = (".csv", ".tsv", ".xlsx", ".ods", ".xls", ".xlsb")
VOCABULARY = ("factors.csv", "factors.ttl", "outcomes.csv", "outcomes.ttl")
RDF = (".ttl", ".rdf", ".owl", ".nt", ".n3", ".jsonld", ".trig", ".json", ".xml")
#: The ending of a file in ``vocabulary/`` with the mappings of an overlay.
OVERLAY = ".sssom.tsv"
