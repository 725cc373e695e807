"""What the XML formats of networks share: nodes with a label, edges with a weight, typed attributes."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lxml import etree
from lxml.builder import ElementMaker  # type: ignore[import-not-found]
from rdflib import Graph

from ftzgraph.formats.rows import FACTOR_COLUMNS, LINK_COLUMNS, Row, Rows, Value, rows
from ftzgraph.knowledge.syntaxes import NOT_XML

Columns = Mapping[str, type[Value]]

_STRUCTURE: Final = ("id", "source", "target")
NODE_COLUMNS: Final[Columns] = {"label": str} | {n: t for n, t in FACTOR_COLUMNS.items() if n not in ("id", "quote")}
EDGE_COLUMNS: Final[Columns] = {"weight": float} | {n: t for n, t in LINK_COLUMNS.items() if n not in _STRUCTURE}
TYPES: Final[Mapping[type[Value], str]] = {str: "string", float: "double", bool: "boolean"}


def maker(namespace: str) -> Any:
    """Return what makes elements of a namespace: ``maker(…).node(child, id="1")``."""
    return ElementMaker(namespace=namespace, nsmap={None: namespace})


def network(graph: Graph) -> Rows:
    """Return factors as nodes, whose ``label`` is the quote, and links as edges, whose ``weight`` is the confidence.

    Raises:
        GraphError: the graph holds no factors, or lacks something essential.
    """
    found = rows(graph)
    return Rows(
        [{"label": row["quote"], **row} for row in found.factors],
        [{"weight": row["confidence"], **row} for row in found.links],
    )


def attributes(row: Row, columns: Columns) -> Iterator[tuple[str, str]]:
    """Yield the columns that a row has, each with its value as XML writes it."""
    for name in columns:
        if name in row:
            yield name, text(row[name])


def text(value: Value) -> str:
    """Return a value as XML writes it; characters that XML cannot hold are left out."""
    return str(value).lower() if isinstance(value, bool) else NOT_XML.sub("", str(value))


def document(root: Any) -> str:
    """Return an XML document with its declaration and a final newline."""
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True).decode()
