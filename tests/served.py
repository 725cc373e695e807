"""A service that runs in a thread of the tests, and a client of it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from rdflib import Graph

from ftzgraph.service.server import Service
from ftzgraph.store import open_store

FORM = "application/x-www-form-urlencoded"
TOKEN = "open-sesame"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
COUNT = "SELECT (COUNT(?f) AS ?n) WHERE { ?f a ftz:Factor }"
ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"


@contextmanager
def serving(what: Graph | Path, **options: Any) -> Iterator[httpx.Client]:
    """Serve a graph or store on a free port; yields a client that knows the address."""
    service = Service(what, port=0, **{"workers": 1, **options})
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        with httpx.Client(base_url=service.url, timeout=60) as client:
            yield client
    finally:
        service.stop()
        thread.join()
        service.close()


def stored(folder: Path, *graphs: Graph) -> Path:
    """A store folder that holds the documents of some graphs."""
    with open_store(folder, create=True) as store:
        for graph in graphs:
            store.add(graph)
    return folder


def values(answer: httpx.Response, name: str) -> list[str]:
    """What SPARQL JSON says of a variable, row by row."""
    assert answer.status_code == 200, answer.text
    return [row[name]["value"] for row in answer.json()["results"]["bindings"]]
