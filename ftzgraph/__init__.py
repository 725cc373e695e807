"""Read Chinese policy documents and turn their argument into a knowledge graph with verbatim evidence.

The whole way in one call, or step by step::

    ftzgraph.build("paper.txt", "output")

    document = ftzgraph.read("paper.txt")
    graph = ftzgraph.to_rdf(ftzgraph.extract(document))
    print(ftzgraph.report(ftzgraph.analyse(graph)))
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ftzgraph.analysis.measures import analyse as analyse
    from ftzgraph.analysis.report import report as report
    from ftzgraph.building import build as build
    from ftzgraph.comparison.difference import diff as diff
    from ftzgraph.dataframes import frames as frames
    from ftzgraph.evaluation import evaluate as evaluate
    from ftzgraph.extraction import extract as extract
    from ftzgraph.knowledge.queries import query as query
    from ftzgraph.knowledge.queries import run_named as run_named
    from ftzgraph.knowledge.rdf import to_rdf as to_rdf
    from ftzgraph.knowledge.serialisation import load as load
    from ftzgraph.knowledge.serialisation import serialise as serialise
    from ftzgraph.knowledge.validation import validate as validate
    from ftzgraph.notebook import show as show
    from ftzgraph.reading import read as read
    from ftzgraph.reading import read_text as read_text
    from ftzgraph.rendering.explorer import render as render
    from ftzgraph.store import open_graph as open_graph
    from ftzgraph.store import open_store as open_store

__version__ = "0.1.0"

_HOMES = {
    "analyse": "ftzgraph.analysis.measures",
    "build": "ftzgraph.building",
    "diff": "ftzgraph.comparison.difference",
    "evaluate": "ftzgraph.evaluation",
    "extract": "ftzgraph.extraction",
    "frames": "ftzgraph.dataframes",
    "load": "ftzgraph.knowledge.serialisation",
    "open_graph": "ftzgraph.store",
    "open_store": "ftzgraph.store",
    "query": "ftzgraph.knowledge.queries",
    "read": "ftzgraph.reading",
    "read_text": "ftzgraph.reading",
    "render": "ftzgraph.rendering.explorer",
    "report": "ftzgraph.analysis.report",
    "run_named": "ftzgraph.knowledge.queries",
    "serialise": "ftzgraph.knowledge.serialisation",
    "show": "ftzgraph.notebook",
    "to_rdf": "ftzgraph.knowledge.rdf",
    "validate": "ftzgraph.knowledge.validation",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Import a function of the interface when it is first asked for (PEP 562), for spaCy takes a second to load."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
