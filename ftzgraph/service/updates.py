"""Checks of updates before they run: what reaches beyond the store is refused from the syntax tree.

As with queries (:mod:`ftzgraph.knowledge.sparql`), rdflib reads the text for the check and Oxigraph runs it, so both
must read the same: escapes of code points, which may hide a quotation mark, are written out first, and line ends,
which end comments, are made alike.
"""

import re
from typing import Final

from pyparsing import ParseBaseException
from rdflib.plugins.sparql import parser

from ftzgraph.errors import QueryError
from ftzgraph.knowledge.sparql import parts_of

_FORBIDDEN: Final = {"ServiceGraphPattern": "SERVICE", "Load": "LOAD"}

# The tokens of SPARQL in which a word is no keyword, then words and braces.
_TOKEN: Final = re.compile(
    r"""\#[^\n]* | \"{3}(?:\\.|[^\\])*?\"{3} | '{3}(?:\\.|[^\\])*?'{3} | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*'
      | <[^<>"{}|^`\\\x00-\x20]*> | [\w:.-]+ | [{}]""",
    re.VERBOSE | re.DOTALL,
)


def prepare_update(sparql: str, default_graphs: tuple[str, ...] = (), named_graphs: tuple[str, ...] = ()) -> str:
    """Check an update, and write the graphs that the request names into it as USING clauses.

    Args:
        sparql: the update.
        default_graphs: IRIs, each a sound one, of the graphs that WHERE reads.
        named_graphs: the same for GRAPH within WHERE.

    Returns:
        The text to run.

    Raises:
        QueryError: the update is malformed, nested too deeply, reaches out by SERVICE or LOAD, or says itself by USING
            or WITH which graphs it is about although the request does.
    """
    try:
        text = re.sub("\r\n?", "\n", parser.expandUnicodeEscapes(sparql))
        text.encode()
        parts = list(parts_of(parser.UpdateUnit.parse_string(text, parse_all=True)))
    except ParseBaseException as error:
        raise QueryError(f"SPARQL syntax error at line {error.lineno}, column {error.column}") from error
    except RecursionError as error:
        raise QueryError("the update is nested too deeply") from error
    except ValueError as error:  # a code point that there is not, or half of one
        raise QueryError("the update has a malformed \\u escape") from error
    using = [f"USING <{iri}>" for iri in default_graphs] + [f"USING NAMED <{iri}>" for iri in named_graphs]
    for part in parts:
        if part.name in _FORBIDDEN:
            raise QueryError(f"{_FORBIDDEN[part.name]} is not allowed: an update can only read this store")
        if using and part.name == "DeleteWhere":
            raise QueryError("DELETE WHERE takes no graphs from the request: write DELETE {…} WHERE {…}")
        if using and part.name == "Modify" and (part.using or part.withClause):
            raise QueryError("the graphs are told twice: by the request, and in the update by USING or WITH")
    return _before_where(text, " ".join(using)) if using else text


def _before_where(update: str, clauses: str) -> str:
    """Write clauses before each WHERE that is not within braces: those of INSERT and DELETE."""
    depth, places = 0, []
    for token in _TOKEN.finditer(update):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if not depth and token[0].upper() == "WHERE":
            places.append(token.start())
    for place in reversed(places):
        update = f"{update[:place]}{clauses} {update[place:]}"
    return update
