"""The SPARQL 1.1 Protocol: what a request to ``/sparql`` asks for.

Which graphs are asked can be said beside the query; the names of these parameters are those of the protocol.
"""

from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs

from ftzgraph.service.answers import Refusal

FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"


@dataclass(frozen=True)
class Operation:
    """A query or an update, and the graphs that the request (not its text) says it is about."""

    text: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


class Query(Operation):
    """A question to the graphs."""


class Update(Operation):
    """A change of the graphs."""


def read_get(query_string: bytes) -> Query | None:
    """Return what a GET asks, ``None`` when it asks nothing: then it wants the description of the service.

    Raises:
        Refusal: the request is not one of the protocol.
    """
    if not query_string:
        return None
    operation = _operation(_parameters(query_string))
    if isinstance(operation, Update):
        raise Refusal(HTTPStatus.BAD_REQUEST, "an update must be posted")
    return operation


def read_post(query_string: bytes, content_type: str, body: bytes) -> Query | Update:
    """Return what a POST asks, as a form or directly.

    Raises:
        Refusal: the request is not one of the protocol.
    """
    header = Message()
    header["Content-Type"] = content_type
    kind = header.get_content_type()
    if kind not in (FORM, QUERY, UPDATE):
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send {FORM}, {QUERY} or {UPDATE}")
    if header.get_content_charset("utf-8") != "utf-8":
        raise Refusal(HTTPStatus.BAD_REQUEST, "the request must be UTF-8")
    given = _parameters(query_string)
    found = _parameters(body) if kind == FORM else {"query" if kind == QUERY else "update": [_text(body)]}
    for name, values in found.items():
        given[name] = given.get(name, []) + values
    return _operation(given)


def _operation(given: dict[str, list[str]]) -> Query | Update:
    asked = [(name, text) for name in ("query", "update") for text in given.get(name, ())]
    if len(asked) != 1:
        raise Refusal(HTTPStatus.BAD_REQUEST, "give one query, such as /sparql?query=ASK%20%7B%7D, or one update")
    ((name, text),) = asked
    graphs = ("default-graph-uri", "named-graph-uri"), ("using-graph-uri", "using-named-graph-uri")
    ours, others = graphs if name == "query" else graphs[::-1]
    if given.keys() & set(others):
        raise Refusal(HTTPStatus.BAD_REQUEST, f"the graphs of this {name} are told by {ours[0]} and {ours[1]}")
    default, named = (tuple(given.get(parameter, ())) for parameter in ours)
    return Query(text, default, named) if name == "query" else Update(text, default, named)


def _parameters(form: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(_text(form), keep_blank_values=True, errors="strict", max_num_fields=1000)
    except UnicodeDecodeError:
        raise Refusal(HTTPStatus.BAD_REQUEST, "the request is not UTF-8") from None
    except ValueError:
        raise Refusal(HTTPStatus.BAD_REQUEST, "the request has too many parameters") from None


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Refusal(HTTPStatus.BAD_REQUEST, "the request is not UTF-8") from None
