"""Factors and links as GEXF 1.3, for Gephi; and back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from lxml import etree
from rdflib import Graph

from ftzgraph.errors import GraphError
from ftzgraph.formats.markup import EDGE_COLUMNS, NODE_COLUMNS, TYPES, Columns, attributes, document, maker, network
from ftzgraph.formats.rows import Row, from_rows

_XML: Final = maker("http://gexf.net/1.3")
# What GEXF has attributes of its own for; all other columns are declared.
_NODE: Final[Columns] = {"id": str, "label": str}
_EDGE: Final[Columns] = {"id": str, "source": str, "target": str, "kind": str, "weight": float}


def write(graph: Graph) -> str:
    """Write the factors and links of a graph as GEXF.

    Args:
        graph: an ftzgraph RDF graph.

    Returns:
        A node for each factor, an edge for each link; the ``kind`` of an edge is its relation, so that Gephi keeps two
        between the same factors apart. Characters that XML cannot hold are left out.

    Raises:
        GraphError: the graph holds no factors, or lacks something essential.
    """
    nodes, edges = network(graph)
    parts = (
        _declarations("node", NODE_COLUMNS, _NODE),
        _declarations("edge", EDGE_COLUMNS, _EDGE),
        _XML.nodes(*(_item("node", row, NODE_COLUMNS, _NODE) for row in nodes)),
        _XML.edges(*(_item("edge", row | {"kind": row["relation"]}, EDGE_COLUMNS, _EDGE) for row in edges)),
    )
    return document(_XML.gexf(_XML.graph(*parts, mode="static", defaultedgetype="directed"), version="1.3"))


def read(path: Path) -> Graph:
    """Read GEXF that :func:`write` made and a person may have edited in a program that keeps its attributes.

    Raises:
        GraphError: the file is missing or broken, or see :func:`~ftzgraph.formats.rows.from_rows`.
    """
    try:
        root = etree.fromstring(path.read_bytes(), etree.XMLParser(resolve_entities=False, no_network=True))
    except OSError as error:
        raise GraphError(f"cannot read {path}: {error.strerror or error}") from error
    except etree.XMLSyntaxError as error:
        raise GraphError(f"{path}: not GEXF that can be read: {error}") from error
    return from_rows(
        ((f"{path}, node {cells.get('id')}", {**cells, "quote": cells.get("label")}) for cells in _cells(root, "node")),
        ((f"{path}, edge {cells.get('id')}", cells) for cells in _cells(root, "edge")),
    )


def _declarations(element: str, columns: Columns, own: Columns) -> Any:
    declared = (
        _XML.attribute(id=name, title=name, type=TYPES.get(kind, "integer"))
        for name, kind in columns.items()
        if name not in own
    )
    return _XML.attributes({"class": element, "mode": "static"}, *declared)


def _item(element: str, row: Row, columns: Columns, own: Columns) -> Any:
    rest = {name: kind for name, kind in columns.items() if name not in own}
    values = (_XML.attvalue({"for": name, "value": value}) for name, value in attributes(row, rest))
    return _XML(element, dict(attributes(row, own)), _XML.attvalues(*values))


def _cells(root: Any, element: str) -> Iterator[dict[str, str]]:
    """The attributes of each node or edge by name, those of GEXF itself and the declared ones."""
    titles = {
        each.get("id"): each.get("title")
        for each in root.iterfind(f".//{{*}}attributes[@class='{element}']/{{*}}attribute")
    }
    for item in root.iter(f"{{*}}{element}"):
        values = {
            titles.get(each.get("for"), ""): each.get("value") for each in item.iterfind("{*}attvalues/{*}attvalue")
        }
        yield values | dict(item.attrib)
