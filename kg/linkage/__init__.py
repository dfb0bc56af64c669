"""Record linkage: which records are one work, which may be, and which studies were retracted or corrected.

``resolve`` merges records on exact ``keys`` with ``clusters`` over a ``disjoint_set``, unless there are
``contradictions``, and by agreement (``agreeing``: ``fields`` compared within blocks, and scored by ``match``);
``candidates`` lists pairs for a person to decide, and ``tables`` shows both; ``titles`` and ``authors`` compare;
``retractions`` returns the standing of studies. Pure: records in, works out. Imports ``kg.model`` and never a loader, a
store or a file.
"""
