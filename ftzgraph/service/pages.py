"""The pages of the service: one environment that escapes everything, and links within the service."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from jinja2 import Environment
from rdflib import URIRef
from rdflib.term import Node

from ftzgraph.knowledge.results import QueryResult, heading, readable
from ftzgraph.knowledge.serialisation import serialise
from ftzgraph.knowledge.vocabulary import FTZ_IRI, ID
from ftzgraph.resources import templates
from ftzgraph.service.answers import Answer
from ftzgraph.service.texts import say

HTML: Final = "text/html"
STATIC: Final = Path(__file__).parent / "static"
EDITOR: Final = STATIC / "yasgui"
"""The SPARQL editor, which is there when the package was built with it."""


class Cell(NamedTuple):
    """A text and where it leads, ``""`` when nowhere."""

    text: str
    href: str = ""


class Table(NamedTuple):
    """The answer to a query as people read it."""

    headings: list[str]
    rows: list[list[Cell]]
    source: str
    """Turtle instead of rows, when the answer is a graph."""


def page(template: str, lang: str, path: str, given: Mapping[str, str], status: int = 200, **values: Any) -> Answer:
    """Fill in a template.

    Args:
        template: its name without suffix.
        lang: ``"zh"`` or ``"en"``.
        path: the page's address.
        given: the parameters of the request, which the same page in the other language has too.
        status: of the response.
        values: what the template needs besides.
    """
    switch = f"{path}?{urlencode({**given, 'lang': 'en' if lang == 'zh' else 'zh'})}"
    found = _environment().get_template(f"{template}.html.j2")
    return Answer(found.render(lang=lang, switch=switch, given=given, **values).encode(), HTML, status)


def table(result: QueryResult, lang: str) -> Table:
    """Return an answer as headings and cells; a text leads to the page of what it names.

    The key ``iri`` names what the first column tells, ``causeIri`` what ``cause`` tells.
    """
    if result.graph is not None:
        return Table([], [], serialise(result.graph))
    shown = [index for index, name in enumerate(result.columns) if name not in result.keys]
    keys = {name: index for index, name in enumerate(result.columns) if name in result.keys}
    named = {
        index: keys.get(f"{result.columns[index]}Iri", keys.get("iri") if index == shown[0] else None)
        for index in shown
    }

    def cell(row: tuple[Node | None, ...], index: int) -> Cell:
        key = named[index]
        return Cell(readable(row[index], lang), address(row[index if key is None else key], lang))

    rows = [[cell(row, index) for index in shown] for row in result.rows]
    return Table([heading(result.columns[index], lang) for index in shown], rows, "")


def address(term: Node | None, lang: str) -> str:
    """Return the address of a term's page in this service, ``""`` when it has none.

    >>> address(ID["instrument-%20x"], "en"), address(URIRef(FTZ_IRI + "Goal"), "zh")
    ('/id/instrument-%2520x?lang=en', '/ontology?lang=zh#Goal')
    """
    if isinstance(term, URIRef) and term.startswith(ID):
        return f"/id/{quote(term.removeprefix(ID), safe='')}?lang={lang}"
    if isinstance(term, URIRef) and term.startswith(FTZ_IRI):
        return f"/ontology?lang={lang}#{quote(term.removeprefix(FTZ_IRI), safe='')}"
    return ""


@cache
def _environment() -> Environment:
    environment = templates("ftzgraph.service")
    environment.globals["say"] = say
    return environment
