"""The graph as Parquet files, for DuckDB, Spark, BigQuery or pandas; the only module that imports pyarrow.

There is a file for each node label, ``LABEL.parquet``, and for each type of relationship, ``TYPE.parquet``. Every
export has the same files with the same columns; a label without nodes is a file without rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kg.errors import KgError, UsageProblem
from kg.export.folders import Kind, replaced
from kg.graph.rows import Row
from kg.model.vocabulary import LABELS, PROPERTIES, RELATIONSHIPS, TYPES
from kg.query.rows import edges_from, nodes_of

if TYPE_CHECKING:
    import pyarrow

    from kg.query.graph import Graph

_ABOUT, _SCHEMA = "README.txt", "schema.json"
_MARK: Final = "A graph of kg, as Parquet files.\n"
_TEXT: Final = "text"
#: The columns of a relationship before its properties.
_ENDS: Final = ("from_label", "from", "to_label", "to")


def columns_of(name: str) -> dict[str, str]:
    """Return the columns of the file of a label or type: name -> text, whole number, number, true or false, or list."""
    ends = () if name in LABELS else _ENDS
    return {column: TYPES.get(column, _TEXT) for column in (*ends, *PROPERTIES.get(name, ()))}


def write_parquet(graph: Graph, folder: Path) -> None:
    """Write the files into a folder that is new, empty or holds an earlier export of this kind.

    Some thousands of rows are held at a time, and the ids of the nodes of one label. Rows are in the order of their
    ids, so the same graph gives the same bytes with the same version of pyarrow. ``schema.json`` is removed first and
    written last, so a folder that has it is complete. Raises UsageProblem without pyarrow, or where the folder holds
    other files, and KgError for a value that is of another type than its column.
    """
    try:
        import pyarrow.parquet  # noqa: F401 - before the folder is touched
    except ImportError as error:
        raise UsageProblem("Parquet files need pyarrow: pip install 'evidence-kg[parquet]'") from error
    names = [*LABELS, *RELATIONSHIPS]
    files = frozenset({*(f"{name}.parquet" for name in names), _ABOUT, _SCHEMA})
    with replaced(folder, Kind("an export to Parquet", files, _ABOUT, _MARK, _SCHEMA)) as made:
        counts = _write_all(graph, made)
        listed = {name: {"rows": counts[name], "columns": columns_of(name)} for name in names}
        for name, text in ((_ABOUT, _MARK + _HOW), (_SCHEMA, json.dumps(listed, indent=1) + "\n")):
            (made / name).write_text(text, encoding="utf-8", newline="\n")


def _write_all(graph: Graph, folder: Path) -> dict[str, int]:
    """Write every file; return the number of rows of each."""
    counts = {}
    for label in LABELS:
        counts[label] = _write(folder, label, nodes_of(graph.store, graph.review, label))
    for kind in RELATIONSHIPS:
        counts[kind] = _write(folder, kind, _relationships(graph, kind))
    return counts


def _relationships(graph: Graph, kind: str) -> Iterator[list[Row]]:
    for start, end in RELATIONSHIPS[kind]:
        for rows in edges_from(graph.store, graph.review, kind, start, end):
            yield [{**row, "from_label": start, "to_label": end} for row in rows]


def _write(folder: Path, name: str, pages: Iterable[list[Row]]) -> int:
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    columns, count = columns_of(name), 0
    schema = pyarrow.schema([(column, _type(kind)) for column, kind in columns.items()])
    with ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd") as writer:
        for rows in pages:
            if rows:
                arrays = [_array(name, rows, column, kind) for column, kind in columns.items()]
                writer.write_table(pyarrow.table(arrays, schema=schema))
                count += len(rows)
    return count


def _type(kind: str) -> pyarrow.DataType:
    import pyarrow

    types: Mapping[str, pyarrow.DataType] = {
        "text": pyarrow.string(),
        "whole number": pyarrow.int64(),
        "number": pyarrow.float64(),
        "true or false": pyarrow.bool_(),
        "list of texts": pyarrow.list_(pyarrow.string()),
    }
    return types[kind]


def _array(name: str, rows: list[Row], column: str, kind: str) -> pyarrow.Array:
    """Return the values of a column. Raises KgError that names the value that is not of its type."""
    import pyarrow

    type_ = _type(kind)
    values = [_converted(row.get(column), kind) for row in rows]
    try:
        return pyarrow.array(values, type_)
    except (pyarrow.ArrowException, UnicodeEncodeError, OverflowError):
        for row, value in zip(rows, values, strict=True):
            try:
                pyarrow.array([value], type_)
            except (pyarrow.ArrowException, UnicodeEncodeError, OverflowError) as error:
                which = row.get("id") or f"{row.get('from')} → {row.get('to')}"
                raise KgError(
                    f"{name} {which!r}: {column} is {value!r}, which is no {kind}; change it in the files of the review"
                ) from error
        raise


def _converted(value: Any, kind: str) -> Any:
    """Return a value in the type of its column, where it is not one but says the same."""
    if value is None:
        return None
    if kind == "list of texts":
        return [str(item) for item in value]
    return str(value) if kind == _TEXT else value


_HOW: Final = """
LABEL.parquet has the nodes of a label, TYPE.parquet the relationships of a type. Every node has id, which is unique
within its label, and review. A relationship has from_label, from, to_label and to: the labels and ids of its ends.
schema.json lists the files with their rows and the types of their columns. For example, with DuckDB:

  SELECT f.label, count(DISTINCT r."from") AS studies
  FROM 'REPORTS.parquet' r
  JOIN 'ABOUT.parquet' a ON a."from" = r."to"
  JOIN 'Factor.parquet' f ON f.id = a."to"
  GROUP BY f.label ORDER BY studies DESC
"""
