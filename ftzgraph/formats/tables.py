"""Factors and links as two tables (CSV, RFC 4180) for a spreadsheet, and such tables read back.

The tables lie beside each other: ``factors.csv`` and ``links.csv``, or ``2023-factors.csv`` and ``2023-links.csv``.
"""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path
from typing import Final

from rdflib import Graph, URIRef

from ftzgraph.errors import GraphError
from ftzgraph.formats.rows import FACTOR_COLUMNS, LINK_COLUMNS, Row, Value, from_rows, rows
from ftzgraph.knowledge.vocabulary import compact
from ftzgraph.plain import harmless

_FACTORS: Final = "factors.csv"
_LINK_COLUMNS: Final = (*list(LINK_COLUMNS)[:4], "source_quote", "target_quote", *list(LINK_COLUMNS)[4:])
_IRIS: Final = ("id", "source", "target", "document_id")


def write(graph: Graph, path: Path) -> dict[Path, bytes]:
    """Return what to write to the table of the factors and to that of the links.

    Args:
        graph: an ftzgraph RDF graph.
        path: the table of the factors; its name ends in ``factors.csv``.

    Returns:
        The bytes of both files: UTF-8 with a byte order mark, without which Excel takes Chinese for something else. A
        cell that a spreadsheet would take for a formula has an apostrophe before it.

    Raises:
        GraphError: the path has another name, or the graph lacks something essential.
    """
    links_path = _beside(path)
    factors, links = rows(graph)
    quotes = {row["id"]: row["quote"] for row in factors}
    told = [row | {f"{end}_quote": quotes[row[end]] for end in ("source", "target")} for row in links]
    return {path: _table(FACTOR_COLUMNS, factors), links_path: _table(_LINK_COLUMNS, told)}


def read(path: Path) -> Graph:
    """Read two tables that :func:`write` made and a person may have edited; columns may stand in any order.

    Args:
        path: the table of the factors, in UTF-8 or GB 18030, parted by commas, semicolons or tabs; the table of the
            links lies beside it.

    Raises:
        GraphError: a table is missing or broken, or see :func:`~ftzgraph.formats.rows.from_rows`.
    """
    return from_rows(_records(path), _records(_beside(path)))


def _beside(path: Path) -> Path:
    if not path.name.endswith(_FACTORS):
        raise GraphError(f"{path}: two tables are named by that of the factors, whose name ends in {_FACTORS}")
    return path.with_name(f"{path.name.removesuffix(_FACTORS)}links.csv")


def _table(columns: Iterable[str], found: Iterable[Row]) -> bytes:
    output = StringIO()
    table = csv.writer(output, lineterminator="\r\n")
    table.writerow(columns)
    table.writerows([_cell(row.get(name, ""), name) for name in columns] for row in found)
    return output.getvalue().encode("utf-8-sig")


def _cell(value: Value, column: str) -> Value:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return value
    text = compact(URIRef(value)) if column in _IRIS else value
    return harmless(text)


def _records(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The cells of each row by column, with the row's number as spreadsheets count."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GraphError(f"cannot read {path}: {error.strerror or error}") from error
    text = _decoded(data, path)
    head = text.partition("\n")[0]
    delimiter = next((character for character in head if character in ",;\t"), ",")
    lines = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [name.strip() for name in next(lines, [])]
        for number, cells in enumerate(lines, 2):
            if any(cells):
                values = (cell.removeprefix("'") for cell in cells)
                yield f"{path}, row {number}", dict(zip(names, values, strict=False))
    except csv.Error as error:
        raise GraphError(f"{path}, line {lines.line_num}: {error}") from error


def _decoded(data: bytes, path: Path) -> str:
    for encoding in ("utf-8-sig", "gb18030"):  # the latter is what a Chinese Excel writes when not told otherwise
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise GraphError(f"{path} is neither UTF-8 nor GB 18030")
