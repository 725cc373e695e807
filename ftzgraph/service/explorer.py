"""The explorer as the service shows it: drawn anew for each state of the graph, when somebody first looks."""

from http import HTTPStatus

from ftzgraph.errors import GraphError
from ftzgraph.rendering.explorer import render
from ftzgraph.service.answers import Answer, Refusal
from ftzgraph.service.processes import Held


def explorer(store: Held, lang: str, min_confidence: float) -> Answer:
    """Draw the page; see :func:`ftzgraph.rendering.explorer.render`.

    Raises:
        Refusal: 404, there is nothing to draw.
    """
    try:
        return Answer(render(store.graph(), lang, min_confidence).encode(), "text/html")
    except GraphError as error:
        raise Refusal(HTTPStatus.NOT_FOUND, str(error)) from error
