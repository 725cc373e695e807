"""The text of a query: its variables bound, and what its syntax tree says that it reaches for.

rdflib's parser makes the tree, other engines evaluate the text. So that nothing is one thing to the parser and another
to the engine, the text is brought into a form that they agree on before either sees it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

from pyparsing import ParseBaseException, ParseResults
from rdflib import BNode, Literal, URIRef
from rdflib.plugins.sparql import parser
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Identifier

from ftzgraph.errors import QueryError
from ftzgraph.knowledge.oxigraph import to_term
from ftzgraph.knowledge.vocabulary import PREFIXES

_TOKEN: Final = re.compile(
    r"""(?P<string>\"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3}|'{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    |(?P<comment>\#[^\n]*)
    |[?$](?P<variable>\w+)
    |(?P<word>[\w:][\w:.%-]*)
    |(?P<mark>.)""",
    re.DOTALL | re.VERBOSE,
)
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


@dataclass(frozen=True)
class Prepared:
    """A query that only reads, and reads only what it is asked of; see :attr:`graphs` for what remains to be checked.

    Attributes:
        sparql: the whole text, every prefix declared.
        describes: whether the answer is a graph.
        ordered: whether it says in which order rows come.
        graphs: the clauses that name graphs, FROM or GRAPH, each with the graph's IRI or ``None`` for any graph.
    """

    sparql: str
    describes: bool
    ordered: bool
    graphs: tuple[tuple[str, str | None], ...]

    @property
    def chooses(self) -> bool:
        """Whether it says by FROM which graphs it asks, instead of all."""
        return any(clause == "FROM" for clause, _ in self.graphs)


def prepare(sparql: str, bindings: Mapping[str, object]) -> Prepared:
    """Bind variables of a query and look at what it does.

    Args:
        sparql: see :func:`ftzgraph.knowledge.queries.query`.
        bindings: values by the names of variables.

    Raises:
        QueryError: the query does not parse, has not such a variable, is an update or has SERVICE; or a value is none
            that RDF can write.
    """
    for name in bindings:
        if not re.search(rf"[?$]{re.escape(name)}\b", sparql):
            raise QueryError(f"the query has no variable ?{name}")
    try:
        # Engines end a comment at a carriage return too, the parser at a line feed only; and they differ on whether
        # escapes like \u0022 are resolved before strings are looked for or after.
        agreed = re.sub("\r\n?", "\n", _ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), sparql))
        agreed.encode()
        terms = tuple((name, _written(_term(value))) for name, value in bindings.items())
    except (ValueError, OverflowError) as error:  # what is no character, or no IRI
        raise QueryError(f"wrong SPARQL query: {_one_line(error)}") from error
    return _prepared(agreed, terms)


@lru_cache(maxsize=256)
def _prepared(sparql: str, terms: tuple[tuple[str, str], ...]) -> Prepared:
    if terms:
        sparql = _bound(sparql, dict(terms))
    try:
        tree = parser.QueryUnit.parse_string(sparql, parse_all=True)
        if any(part.name == "ServiceGraphPattern" for part in parts_of(tree)):
            raise QueryError("SERVICE is not allowed: a query can only read what it is asked of")
        declared = {part.prefix for part in parts_of(tree) if part.name == "PrefixDecl"}
        algebra = translateQuery(tree, initNs=PREFIXES).algebra
    except QueryError:
        raise
    except ParseBaseException as error:
        if _is_update(sparql):
            raise QueryError("updates are not allowed: a query can only read") from error
        raise QueryError(
            f"SPARQL syntax error at line {error.lineno}, column {error.column}: {_near(error)}"
        ) from error
    except RecursionError as error:
        raise QueryError("the query is nested too deeply") from error
    except Exception as error:  # rdflib raises bare exceptions for unknown prefixes and misplaced variables
        raise QueryError(f"wrong SPARQL query: {_one_line(error)}") from error
    parts = list(parts_of(algebra))
    missing = [name for name in PREFIXES if name not in declared and f"{name}:" in sparql]
    return Prepared(
        "".join(f"PREFIX {name}: <{PREFIXES[name]}> " for name in missing) + sparql,
        describes=algebra.name in ("ConstructQuery", "DescribeQuery"),
        ordered=any(part.name == "OrderBy" for part in parts),
        graphs=tuple(sorted(_graphs(parts), key=itemgetter(0))),
    )


def _graphs(parts: list[CompValue]) -> Iterator[tuple[str, str | None]]:
    for part in parts:
        if part.name == "DatasetClause":
            yield "FROM", str(part.default or part.named)
        elif part.name in ("Graph", "GraphGraphPattern"):  # the latter within EXISTS
            yield "GRAPH", str(part.term) if isinstance(part.term, URIRef) else None


def _bound(sparql: str, terms: Mapping[str, str]) -> str:
    """Put terms in the place of variables: as they are, and in brackets where SELECT, GROUP BY or ORDER BY list them."""
    bound: list[str] = []
    listing, depth = "", 0
    for token in _TOKEN.finditer(sparql):
        text = token[0]
        name, word = token["variable"], (token["word"] or token["mark"] or "").upper()
        if word in ("SELECT", "BY"):
            listing, depth = word, 0
        elif word == "(":
            depth += 1
        elif word == ")":
            depth -= 1
        elif depth == 0 and word in ("{", "}", "FROM", "WHERE", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"):
            listing = ""
        elif name in terms:
            listed = {"SELECT": f"({terms[name]} AS ?{name})", "BY": f"({terms[name]})"}
            text = listed.get(listing, terms[name]) if depth == 0 else terms[name]
        bound.append(text)
    return "".join(bound)


def _is_update(sparql: str) -> bool:
    try:
        return bool(parser.parseUpdate(sparql).request)
    except (ParseBaseException, RecursionError):
        return False


def parts_of(tree: Any) -> Iterator[CompValue]:
    """Walk a parse tree or algebra; rdflib nests them in values, lists and parse results."""
    if isinstance(tree, CompValue):
        yield tree
        children: Any = tree.values()
    elif isinstance(tree, ParseResults | list | tuple | set):
        children = tree
    else:
        return
    for child in children:
        yield from parts_of(child)


def _near(error: ParseBaseException) -> str:
    rest = error.pstr[error.loc :].split()
    return f"did not expect {rest[0][:40]!r}" if rest else "the query ends too early"


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _written(term: Identifier) -> str:
    """A term as a query writes it: control characters as they are, for the parser knows no escapes."""
    return re.sub(r"(\\\\)|\\u([0-9A-F]{4})", lambda match: match[1] or chr(int(match[2], 16)), str(to_term(term)))


def _term(value: object) -> Identifier:
    if isinstance(value, BNode):
        raise ValueError("a blank node cannot be asked for")
    if isinstance(value, Identifier):
        return value
    if isinstance(value, str):
        prefix, colon, local = value.partition(":")
        if colon and prefix in PREFIXES:
            return URIRef(PREFIXES[prefix] + local)
        return URIRef(value) if re.fullmatch(r"(?:https?://|urn:)\S+", value) else Literal(value)
    return Literal(value)
