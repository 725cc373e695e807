"""Factors and links as a Kumu blueprint (JSON), and back."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from rdflib import Graph

from ftzgraph.analysis.markdown import escape
from ftzgraph.errors import GraphError
from ftzgraph.formats.rows import Row, from_rows, rows

# Kumu's words for what a row calls otherwise.
_ELEMENT: Final = {"quote": "label"}
_CONNECTION: Final = {"source": "from", "target": "to", "relation": "type"}


def write(graph: Graph) -> str:
    """Write the factors and links of a graph as a blueprint that Kumu imports.

    Args:
        graph: an ftzgraph RDF graph.

    Returns:
        An element for each factor, a connection for each link; what they mention are tags, where they stand is the
        description, and all else is a field.

    Raises:
        GraphError: the graph holds no factors, or lacks something essential.
    """
    found = rows(graph)
    elements = []
    for row in found.factors:
        place = " / ".join(str(row[name]) for name in ("document", "section") if name in row)
        tags = str(row["mentions"]).split("; ") if "mentions" in row else []
        elements.append(_renamed(row, _ELEMENT) | {"description": escape(place), "tags": tags})
    connections = [_renamed(row, _CONNECTION) | {"direction": "directed"} for row in found.links]
    return json.dumps({"elements": elements, "connections": connections}, ensure_ascii=False, indent=1) + "\n"


def read(path: Path) -> Graph | None:
    """Read a blueprint that :func:`write` made and a person may have edited.

    Args:
        path: a JSON file.

    Returns:
        The graph, or ``None`` when the file is no blueprint but other JSON, such as JSON-LD.

    Raises:
        GraphError: the file is missing or no JSON, or see :func:`~ftzgraph.formats.rows.from_rows`.
    """
    try:
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise GraphError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise GraphError(f"{path}: not JSON that can be read: {error}") from error
    if not (isinstance(data, dict) and "elements" in data):
        return None
    return from_rows(
        _read(data, "elements", f"{path}, element", _ELEMENT),
        _read(data, "connections", f"{path}, connection", _CONNECTION),
    )


def _renamed(row: Row, names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in row.items()}


def _read(
    data: dict[str, Any], part: str, place: str, names: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    items = data.get(part, [])
    for number, item in enumerate(items if isinstance(items, list) else [items], 1):
        if not isinstance(item, dict):
            raise GraphError(f"{place} {number}: not an object")
        yield f"{place} {number}", item | {name: item.get(theirs) for name, theirs in names.items()}
