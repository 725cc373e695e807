"""Graphs and answers as pandas tables, for counting and grouping; pandas is needed only here."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from rdflib import Graph, Literal
from rdflib.term import Node

from ftzgraph.analysis.graph import FactorGraph, factor, factors, links, to_networkx
from ftzgraph.errors import FtzgraphError
from ftzgraph.knowledge.results import QueryResult

if TYPE_CHECKING:
    from pandas import DataFrame

# The columns that do not hold text; pandas would guess other types where a table is empty or a value is missing.
_TYPES: Final = {"start": "Int64", "end": "Int64", "confidence": "float64", "negated": "bool", "inferred": "bool"}

_FACTOR_COLUMNS: Final = (
    "iri", "type", "quote", "document", "section", "start", "end", "confidence", "modality", "negated", "method", "cue",
    "mentions",
)  # fmt: skip
_LINK_COLUMNS: Final = (
    "iri", "relation", "source", "target", "source_quote", "target_quote", "confidence", "inferred", "modality",
    "negated", "method", "cue",
)  # fmt: skip


class Frames(NamedTuple):
    """The factors and the links of a graph: :func:`factors_frame` and :func:`links_frame`."""

    factors: "DataFrame"
    links: "DataFrame"


def frames(graph: Graph, min_confidence: float = 0.0) -> Frames:
    """Return the factors and links of an RDF graph as pandas tables.

    Args:
        graph: RDF in the shape of the ontology, one document or many.
        min_confidence: 0 to 1; factors and links below it are left out, and the links of such factors.

    Raises:
        GraphError: the graph holds no document or factor, or lacks something essential.
        FtzgraphError: pandas is not installed.
    """
    return frames_of(to_networkx(graph, min_confidence))


def frames_of(network: FactorGraph) -> Frames:
    """Return the factors and links of a factor graph as pandas tables; see :func:`frames`."""
    return Frames(factors_frame(network), links_frame(network))


def factors_frame(network: FactorGraph) -> "DataFrame":
    """Return a row for each factor, in document order, by IRI.

    Returns:
        ``document`` is the title, ``section`` the headings from the outermost in; ``start`` and ``end`` are the source
        offsets of the first piece of evidence; ``mentions`` is a tuple of Chinese names, which ``explode`` spreads over
        rows. Section and offsets are missing where the graph has none.

    Raises:
        FtzgraphError: pandas is not installed.
    """
    known = network.graph
    rows = [
        {
            **vars(record),
            "document": known["documents"][record.document].title,
            "section": " › ".join(known["sections"][record.section].path) if record.section else None,
            **{name: getattr(place, name) for place in record.evidence[:1] for name in ("start", "end")},
            "mentions": tuple(known["mentions"][iri].label for iri in record.mentions),
        }
        for record in factors(network)
    ]
    return _frame(_FACTOR_COLUMNS, rows)


def links_frame(network: FactorGraph) -> "DataFrame":
    """Return a row for each link, by IRI; ``source`` and ``target`` are factor IRIs, beside them the factors' quotes.

    Raises:
        FtzgraphError: pandas is not installed.
    """
    rows = [
        {
            **vars(record),
            "source_quote": factor(network, record.source).quote,
            "target_quote": factor(network, record.target).quote,
        }
        for record in links(network)
    ]
    return _frame(_LINK_COLUMNS, rows)


def result_frame(result: QueryResult) -> "DataFrame":
    """Return the answer to a query as a table with a column for each variable.

    Returns:
        Literals as values of Python, decimals as floats, so that pandas can reckon with them; IRIs as text. What is
        unbound is missing.

    Raises:
        FtzgraphError: pandas is not installed.
    """
    rows = [[_value(term) for term in row] for row in result.rows]
    return _pandas().DataFrame(rows, columns=list(result.columns))


def _frame(columns: tuple[str, ...], rows: list[dict[str, Any]]) -> "DataFrame":
    table = _pandas().DataFrame(rows, columns=list(columns))
    return table.astype({name: kind for name, kind in _TYPES.items() if name in columns}).set_index("iri")


def _value(term: Node | None) -> Any:
    if term is None:
        return None
    value = term.value if isinstance(term, Literal) else None
    if value is None:  # an IRI, a text with a language, or a literal that is not what its type says
        return str(term)
    return float(value) if isinstance(value, Decimal) else value


def _pandas() -> Any:
    try:
        import pandas
    except ImportError:
        raise FtzgraphError("a table needs pandas: pip install 'ftzgraph[notebook]'") from None
    return pandas
