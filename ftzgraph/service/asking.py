"""Questions that people ask: the named queries, each with an address of its own, and free ones as a page.

The functions run in the processes of :mod:`ftzgraph.service.pool`; the store is their first argument.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from ftzgraph.errors import QueryError
from ftzgraph.knowledge.queries import NamedQuery, named_queries, run_named
from ftzgraph.knowledge.vocabulary import PREFIXES
from ftzgraph.service.answers import Answer
from ftzgraph.service.evaluation import MAX_ROWS, evaluate
from ftzgraph.service.pages import EDITOR, HTML, page, table
from ftzgraph.service.processes import Held
from ftzgraph.service.protocol import Query

SUFFIXES: Final = {
    "html": HTML,
    "json": "application/sparql-results+json",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "xml": "application/sparql-results+xml",
}
"""What the address of a named query may end in, and the media type that stands for."""

EXAMPLE: Final = f"""PREFIX ftz: <{PREFIXES["ftz"]}>
PREFIX rdfs: <{PREFIXES["rdfs"]}>
SELECT ?barrier ?quote WHERE {{
  ?barrier a ftz:Barrier ; rdfs:label ?quote .
}}
LIMIT 20
"""
"""The query that the page starts with."""


def list_named(lang: str) -> list[dict[str, Any]]:
    """Return the named queries as data: name, address, title, description and parameters."""
    return [
        {
            "name": named.name,
            "href": f"/queries/{named.name}",
            **_texts(named, lang),
            "parameters": _form(named, {}, lang),
        }
        for named in named_queries().values()
    ]


def named(store: Held, name: str, given: Mapping[str, str], media_type: str, lang: str) -> Answer:
    """Run a named query.

    Args:
        store: what is asked.
        name: of the query, which there is.
        given: its parameters.
        media_type: one of those of :data:`SUFFIXES`.
        lang: ``"zh"`` or ``"en"``, the language of the page.

    Returns:
        The answer. What is wrong with the question is told on the page, above the form to ask it again.

    Raises:
        QueryError: something is wrong with the question, and no page is asked for.
    """
    known = named_queries()[name]
    fault, answer = "", None
    try:
        answer = run_named(store, name, **given)
        if len(answer.rows) > MAX_ROWS:
            raise QueryError(f"the answer has more than {MAX_ROWS} rows")
    except QueryError as error:
        if media_type != HTML:
            raise
        fault = str(error)
    if answer is not None and media_type != HTML:
        form = next(suffix for suffix, each in SUFFIXES.items() if each == media_type)
        return Answer(answer.render(form).encode(), media_type)
    return page(
        "named",
        lang,
        f"/queries/{name}.html",
        given,
        status=HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK,
        name=name,
        **_texts(known, lang),
        parameters=_form(known, given, lang),
        suffixes=[suffix for suffix in SUFFIXES if suffix != "html"],
        fault=fault,
        table=None if fault or answer is None else table(answer, lang),
    )


def free(store: Held, sparql: str, lang: str) -> Answer:
    """Return the page that asks in SPARQL, with what it asked before and the answer to it.

    Args:
        store: what is asked.
        sparql: a query, ``""`` before one was asked.
        lang: ``"zh"`` or ``"en"``, the language of the page.
    """
    fault, answer = "", None
    try:
        answer = evaluate(store, Query(sparql)) if sparql else None
    except QueryError as error:
        fault = str(error)
    return page(
        "query",
        lang,
        "/query",
        {"query": sparql} if sparql else {},
        status=HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK,
        sparql=sparql or EXAMPLE,
        fault=fault,
        table=None if answer is None else table(answer, lang),
        editor=EDITOR.exists(),
    )


def _texts(named: NamedQuery, lang: str) -> dict[str, str]:
    if lang == "zh":
        return {"title": named.title_zh, "description": named.description_zh}
    return {"title": named.title_en, "description": named.description_en}


def _form(named: NamedQuery, given: Mapping[str, str], lang: str) -> list[dict[str, Any]]:
    """The parameters of a named query as fields of a form."""
    return [
        {
            "name": name,
            "label": parameter.zh if lang == "zh" else parameter.en,
            "value": given.get(name, parameter.default or ""),
            "required": parameter.default is None,
        }
        for name, parameter in named.parameters.items()
    ]
