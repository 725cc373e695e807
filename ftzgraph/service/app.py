"""What is at which address."""

import asyncio
import hmac
from collections.abc import Sequence
from functools import cache
from http import HTTPStatus
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from ftzgraph import __version__
from ftzgraph.knowledge import ontology_page
from ftzgraph.knowledge.queries import named_queries
from ftzgraph.resources import resource
from ftzgraph.service import asking, evaluation, pages, protocol, resources
from ftzgraph.service.answers import Answer, Refusal
from ftzgraph.service.explorer import explorer
from ftzgraph.service.guard import EDITOR_POLICY, FRAMES_ONLY, SecurityHeaders
from ftzgraph.service.negotiation import choose
from ftzgraph.service.openapi import openapi
from ftzgraph.service.processes import PAGE_TIME, Processes
from ftzgraph.service.texts import LANGUAGES

MAX_BODY: Final = 1_000_000
"""Bytes that a request may have."""

PATIENCE: Final = 10.0
"""Seconds within which a request must have arrived."""


class Site:
    """The addresses of the service, over the processes that answer.

    Args:
        processes: where questions go.
        lang: language of the pages when a request does not say which.
        min_confidence: what the explorer shows at the least; queries see everything.
        token: what a client must know to change the graph.
        hosts: the names of the service that a request may use, all when there are none.
        cors: the origin whose pages may ask, ``"*"`` for any, ``None`` for none but ours.
    """

    def __init__(
        self,
        processes: Processes,
        *,
        lang: str,
        min_confidence: float,
        token: str,
        hosts: Sequence[str],
        cors: str | None,
    ) -> None:
        self._processes = processes
        self._lang = lang
        self._min_confidence = min_confidence
        self._token = token
        self._drawing = asyncio.Lock()
        self._drawn: dict[str, tuple[bytes, Answer]] = {}
        middleware = [Middleware(SecurityHeaders)]
        if hosts:
            # A foreign page could make its own name point at this machine: then the name is not one of ours.
            middleware.append(Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False))
        if cors is not None:
            middleware.append(
                Middleware(
                    CORSMiddleware,
                    allow_origins=[cors],
                    allow_methods=["GET", "POST"],
                    allow_headers=["Authorization", "Content-Type"],
                )
            )
        self.app = Starlette(
            routes=[
                Route("/", self.explorer),
                Route("/sparql", self.sparql, methods=["GET", "POST"]),
                Route("/query", self.query),
                Route("/queries", self.queries),
                Route("/queries/{name}", self.named),
                Route("/id/{local:path}", self.resource),
                Route("/ontology", self.ontology),
                Route("/health", self.health),
                Route("/openapi.json", self.openapi),
                Mount("/static", StaticFiles(directory=pages.STATIC)),
            ],
            middleware=middleware,
            exception_handlers={Refusal: _refused, HTTPException: _failed, ClientDisconnect: _gone},
        )

    async def sparql(self, request: Request) -> Response:
        """Answer what the SPARQL 1.1 Protocol asks."""
        accept = _accept(request)
        if request.method == "POST":
            kind = request.headers.get("Content-Type", "")
            posted = protocol.read_post(request.scope["query_string"], kind, await _body(request))
            if isinstance(posted, protocol.Update):
                self._authorise(request)
                return _response(await self._processes.write(evaluation.change, posted))
            return _response(await self._processes.read(evaluation.ask, posted, accept))
        asked = protocol.read_get(request.scope["query_string"])
        if asked is not None:
            return _response(await self._processes.read(evaluation.ask, asked, accept))
        endpoint = str(request.url.replace(query="", fragment=""))
        return _response(await self._processes.read(evaluation.describe, endpoint, self._processes.writable, accept))

    async def explorer(self, request: Request) -> Response:
        """Show the explorer, which is drawn once for each state of the graph."""
        lang = self._language(request)
        async with self._drawing:
            state = self._processes.state()
            if self._drawn.get(lang, (None,))[0] != state:
                arguments = lang, self._min_confidence
                drawn = await self._processes.read(explorer, *arguments, time_limit=PAGE_TIME)
                self._drawn[lang] = state, drawn
        return _response(self._drawn[lang][1], {"Content-Security-Policy": FRAMES_ONLY})

    async def query(self, request: Request) -> Response:
        """Show the page that asks in SPARQL."""
        sparql, lang = request.query_params.get("query", ""), self._language(request)
        answer = await self._processes.read(asking.free, sparql, lang)
        return _response(answer, {"Content-Security-Policy": EDITOR_POLICY})

    async def queries(self, request: Request) -> Response:
        """List the named queries."""
        lang = self._language(request)
        found = asking.list_named(lang)
        if choose(_accept(request), (pages.HTML, "application/json")) == pages.HTML:
            return _response(pages.page("queries", lang, "/queries", {}, queries=found))
        return JSONResponse(found)

    async def named(self, request: Request) -> Response:
        """Answer a named query, in the form that its suffix names, or else the Accept header."""
        name, _, suffix = request.path_params["name"].partition(".")
        if name not in named_queries() or (suffix and suffix not in asking.SUFFIXES):
            raise Refusal(HTTPStatus.NOT_FOUND, "there is no such query; /queries lists them")
        media_type = asking.SUFFIXES[suffix] if suffix else choose(_accept(request), asking.SUFFIXES.values())
        lang = self._language(request)
        given = {key: value for key, value in request.query_params.items() if key != "lang"}
        return _response(await self._processes.read(asking.named, name, given, media_type, lang))

    async def resource(self, request: Request) -> Response:
        """Tell of a factor, a document or whatever else has an IRI of ours."""
        lang = self._language(request)
        media_type = choose(_accept(request), (pages.HTML, *evaluation.GRAPHS))
        local = request.path_params["local"]
        return _response(await self._processes.read(resources.show, local, media_type, lang))

    async def ontology(self, request: Request) -> Response:
        """Show the ontology."""
        lang = self._language(request)
        if choose(_accept(request), (pages.HTML, "text/turtle")) == pages.HTML:
            return _response(_ontology(lang), {"Content-Security-Policy": FRAMES_ONLY})
        turtle = resource("ontology/ftzgraph.ttl").read_bytes()
        return _response(Answer(turtle, "text/turtle"))

    async def health(self, request: Request) -> Response:
        """Show a sign of life."""
        return JSONResponse({"status": "ok", "version": __version__, "writable": self._processes.writable})

    async def openapi(self, request: Request) -> Response:
        """Describe the service to programs."""
        return JSONResponse(openapi())

    def _language(self, request: Request) -> str:
        lang = request.query_params.get("lang", self._lang)
        if lang not in LANGUAGES:
            raise Refusal(HTTPStatus.BAD_REQUEST, f"lang is one of {' and '.join(LANGUAGES)}")
        return lang

    def _authorise(self, request: Request) -> None:
        if not self._processes.writable:
            raise Refusal(HTTPStatus.FORBIDDEN, "this service only reads")
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            raise Refusal(HTTPStatus.UNAUTHORIZED, "an update needs the token", WWW_Authenticate="Bearer")


@cache
def _ontology(lang: str) -> Answer:
    return Answer(ontology_page.page(lang).encode(), pages.HTML)


async def _body(request: Request) -> bytes:
    """Read the body of a request, no more than it may have and not forever."""
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for part in request.stream():
                body += part
                if len(body) > MAX_BODY:
                    raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request may have {MAX_BODY} bytes")
    except TimeoutError:
        raise Refusal(HTTPStatus.REQUEST_TIMEOUT, f"the request took more than {PATIENCE:g} seconds") from None
    return bytes(body)


def _accept(request: Request) -> str:
    return ", ".join(request.headers.getlist("Accept"))


def _response(answer: Answer, headers: dict[str, str] | None = None) -> Response:
    # The same address has other forms for those who accept others.
    return Response(
        answer.body, answer.status, {"Vary": "Accept", **(headers or {})}, media_type=answer.media_type or None
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return PlainTextResponse(f"{error}\n", error.status, error.headers)


async def _failed(request: Request, error: Exception) -> Response:
    """Say in one line what the routes do not take; to OPTIONS it is the answer."""
    assert isinstance(error, HTTPException)
    if request.method == "OPTIONS" and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return Response(None, HTTPStatus.NO_CONTENT, error.headers)
    return PlainTextResponse(f"{error.detail}\n", error.status_code, error.headers)


async def _gone(request: Request, error: Exception) -> Response:
    return Response(None, HTTPStatus.BAD_REQUEST)
