"""Graphs to files and back: every syntax of RDF, and the formats of tables and network tools.

RDF holds the whole graph; a network format holds its factors and links. Which format it is, the file's suffix says.
What the network formats need is imported when they are asked for.
"""

from pathlib import Path
from typing import Final

from rdflib import Graph

from ftzgraph.errors import GraphError
from ftzgraph.knowledge.documents import Triples
from ftzgraph.knowledge.syntaxes import SYNTAXES, parse
from ftzgraph.knowledge.vocabulary import new_graph

_NETWORKS: Final[dict[str, str]] = {"graphml": ".graphml", "gexf": ".gexf", "kumu": ".json", "cypher": ".cypher"}

FORMATS: Final[dict[str, str]] = {name: suffix for name, (suffix, _) in SYNTAXES.items()} | _NETWORKS
"""Names of the formats that :func:`serialise` writes, each with its file suffix."""


def serialise(graph: Triples, format: str = "turtle") -> str:  # noqa: A002 (the option's name)
    r"""Write a graph as text.

    Args:
        graph: any RDF graph, or its triples.
        format: one of :data:`FORMATS`.

    Returns:
        The text, with a final newline; the same for equal graphs without blank nodes, however they were filled.

    Raises:
        GraphError: the format is unknown, or the graph holds what the format cannot write (a malformed IRI), or lacks
            what it needs.

    >>> from rdflib import RDFS
    >>> from ftzgraph.knowledge.vocabulary import ID
    >>> graph = Graph().add((ID.a, RDFS.label, ID.b))
    >>> serialise(graph, "ntriples").replace(str(RDFS), "…").replace(ID, "…")
    '<…a> <…label> <…b> .\n'
    """
    return _written(graph, format).decode()


def format_of(path: Path) -> str | None:
    """Return the format that the suffix of a file names: one of :data:`FORMATS`, ``"csv"``, or ``None``.

    >>> format_of(Path("graph.nt")), format_of(Path("factors.csv"))
    ('ntriples', 'csv')
    """
    suffix = path.suffix.lower()
    return "csv" if suffix == ".csv" else next((name for name, usual in FORMATS.items() if usual == suffix), None)


def outputs(graph: Triples, path: Path, format: str | None = None) -> dict[Path, bytes]:  # noqa: A002
    """Return what to write to which files, to save a graph.

    Args:
        graph: any RDF graph, or its triples.
        path: where to; for tables the file of the factors, whose name ends in ``factors.csv``.
        format: one of :data:`FORMATS` or ``"csv"``; by default what the suffix of the path says.

    Returns:
        The bytes of the file; of tables, those of the factors and of the links, which lie beside them.

    Raises:
        GraphError: see :func:`serialise`; or the path is not that of a table of factors.
    """
    name = format or format_of(path)
    if name == "csv":
        from ftzgraph.formats import tables

        return tables.write(_graph(graph), path)
    return {path: _written(graph, name or path.suffix)}


def load(path: str | Path) -> Graph:
    """Read a graph file: Turtle, N-Triples, JSON-LD or another format that the file's suffix names.

    Args:
        path: the file; for tables that of the factors. All are UTF-8, tables may be GB 18030.

    Returns:
        The graph; named graphs, where the format has them, are merged.

    Raises:
        GraphError: the file is missing, of an unknown format or broken; one line with file, place and fault.
    """
    return _graph(triples(path))


def triples(path: str | Path) -> Triples:
    """Read a graph file without making a graph of it where there is no need to: faster, and in a third of the memory.

    Args, returned triples and errors are those of :func:`load`; a triple may come twice.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".gexf", ".graphml", ".json"):
        return parse(path)
    from ftzgraph.formats import gexf, graphml, kumu, tables

    if suffix == ".json":
        blueprint = kumu.read(path)
        return parse(path) if blueprint is None else blueprint
    return {".csv": tables.read, ".gexf": gexf.read, ".graphml": graphml.read}[suffix](path)


def _graph(triples: Triples) -> Graph:
    if isinstance(triples, Graph):
        return triples
    graph = new_graph()
    for triple in triples:
        graph.add(triple)
    return graph


def _written(graph: Triples, format: str) -> bytes:  # noqa: A002
    if format in SYNTAXES:
        return SYNTAXES[format][1](graph)
    if format not in FORMATS:
        raise GraphError(f"unknown format {format!r}: choose one of {', '.join(FORMATS)}")
    from ftzgraph.formats import cypher, gexf, graphml, kumu

    writers = {"cypher": cypher.write, "gexf": gexf.write, "graphml": graphml.write, "kumu": kumu.write}
    return writers[format](_graph(graph)).encode()
