"""The description of everything but ``/sparql``, for programs: OpenAPI 3.1."""

from typing import Any, Final

from ftzgraph import __version__
from ftzgraph.knowledge.queries import NamedQuery, named_queries
from ftzgraph.service.asking import SUFFIXES
from ftzgraph.service.evaluation import GRAPHS
from ftzgraph.service.pages import HTML
from ftzgraph.service.texts import LANGUAGES

_TEXT: Final = {"schema": {"type": "string"}}
_FAULT: Final = {"description": "Why not, in one line.", "content": {"text/plain": _TEXT}}
_WORDS: Final = {
    "type": "string",
    "pattern": r"^[^\x00-\x1f\x7f\ufffe\uffff]*$",
}  # no query can hold control characters
_LANG: Final = {
    "name": "lang",
    "in": "query",
    "description": "Language of a page.",
    "schema": {"type": "string", "enum": list(LANGUAGES)},
}


def openapi() -> dict[str, Any]:
    """Return the description."""
    paths = {
        "/": _get("The explorer.", {HTML: _TEXT}, [_LANG], 400, 404),
        "/health": _get("Whether the service is alive.", {"application/json": {"schema": _HEALTH}}),
        "/query": _get("The page that asks in SPARQL.", {HTML: _TEXT}, [_LANG], 400),
        "/queries": _get(
            "The named queries.", {HTML: _TEXT, "application/json": {"schema": _QUERIES}}, [_LANG], 400, 406
        ),
        "/id/{name}": _get(
            "What is known of a factor, document, section, …",
            _content(HTML, *GRAPHS),
            [_LANG, _in_path("name", {"type": "string", "minLength": 1})],
            400,
            404,
            406,
        ),
        "/ontology": _get("The ontology.", _content(HTML, "text/turtle"), [_LANG], 400, 406),
        "/openapi.json": _get("This description.", {"application/json": {"schema": {"type": "object"}}}),
    }
    for named in named_queries().values():
        paths[f"/queries/{named.name}.{{form}}"] = _named(named)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ftzgraph",
            "version": __version__,
            "description": "A graph of the arguments of policy documents. /sparql is a SPARQL 1.1 endpoint.",
        },
        "paths": paths,
    }


_HEALTH: Final = {
    "type": "object",
    "properties": {"status": {"const": "ok"}, "version": {"type": "string"}, "writable": {"type": "boolean"}},
    "required": ["status", "version", "writable"],
}
_QUERIES: Final = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {name: {"type": "string"} for name in ("name", "href", "title", "description")}
        | {"parameters": {"type": "array", "items": {"type": "object"}}},
        "required": ["name", "href", "title", "description", "parameters"],
    },
}


def _named(named: NamedQuery) -> dict[str, Any]:
    parameters = [
        {
            "name": name,
            "in": "query",
            "description": parameter.en,
            "required": parameter.default is None,
            "schema": _WORDS,
        }
        for name, parameter in named.parameters.items()
    ]
    form = _in_path("form", {"type": "string", "enum": list(SUFFIXES)})
    described = _get(
        f"{named.title_en}.",
        _content(*SUFFIXES.values()),
        [_LANG, form, *parameters],
        400,
        page_of_fault=True,
    )
    described["get"]["description"] = named.description_en
    return described


def _get(
    summary: str,
    content: dict[str, Any],
    parameters: list[Any] | None = None,
    *faults: int,
    page_of_fault: bool = False,
) -> dict[str, Any]:
    fault = _FAULT | {"content": {"text/plain": _TEXT, HTML: _TEXT}} if page_of_fault else _FAULT
    responses = {"200": {"description": "Done.", "content": content}}
    responses |= {str(status): fault for status in (*faults, 503)}
    return {"get": {"summary": summary, "parameters": parameters or [], "responses": responses}}


def _content(*media_types: str) -> dict[str, Any]:
    return {each: {"schema": {"type": "object"}} if each.endswith("json") else _TEXT for each in media_types}


def _in_path(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}
