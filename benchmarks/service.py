"""How `ftzgraph serve` bears clients that ask without a pause: errors, times of answer, memory from start to end.

python benchmarks/service.py [GRAPH] [--clients N] [--seconds N]

GRAPH is a store folder or graph file; without it a store folder with a graph of the tests of 2,000 factors is served. Memory
is that of the server and its processes together, and needs Linux.
"""

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from drawn_graphs import large_graph  # noqa: E402

from ftzgraph.store import open_store  # noqa: E402

_QUERIES = {
    "count": "SELECT (COUNT(?f) AS ?n) WHERE { ?f a ftz:Factor }",
    "answers": "SELECT ?b ?r WHERE { ?b a ftz:Barrier . OPTIONAL { ?r ftz:addresses ?b } } LIMIT 200",
    "causes": "SELECT ?c (COUNT(DISTINCT ?e) AS ?n) WHERE { ?c ftz:causes+ ?e } GROUP BY ?c ORDER BY DESC(?n) ?c LIMIT 10",
    "graph": "CONSTRUCT { ?a ftz:causes ?b } WHERE { ?a ftz:causes ?b } LIMIT 200",
}


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graph", nargs="?", type=Path)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        graph = args.graph
        if graph is None:
            graph = Path(folder) / "store"
            with open_store(graph, create=True) as store:
                store.add(large_graph(2_000, 3_000, 40))
        with _served(graph) as (url, pid):
            requests = _requests(url)
            for path, headers in requests.values():  # so that nothing is measured that happens once
                httpx.get(url + path, headers=headers, timeout=120)
            start = _memory(pid)
            with ThreadPoolExecutor(args.clients) as executor:
                runs = executor.map(lambda n: _client(url, requests, n, args.seconds), range(args.clients))
                time.sleep(args.seconds / 2)
                middle = _memory(pid)
                answers = [answer for run in runs for answer in run]
            end = _memory(pid)
    print(f"{'request':12} {'number':>7} {'errors':>7} {'p50 ms':>8} {'p95 ms':>8} {'worst':>8}")
    for name in (*requests, "all"):
        found = [each for each in answers if name in ("all", each[0])]
        times = sorted(seconds * 1000 for _, seconds, _ in found)
        errors = sum(status != 200 for *_, status in found)
        p95 = times[int(len(times) * 0.95)]
        print(f"{name:12} {len(found):7} {errors:7} {statistics.median(times):8.1f} {p95:8.1f} {times[-1]:8.1f}")
    print(
        f"{len(answers) / args.seconds:.0f} answers a second; memory {start:.0f} MB at the start, {middle:.0f} MB in the middle, "
        f"{end:.0f} MB at the end"
    )


def _requests(url: str) -> dict[str, tuple[str, dict[str, str]]]:
    """What the clients ask, by name: path and headers."""
    asked = {name: (f"sparql?{httpx.QueryParams(query=text)}", {"Accept": "*/*"}) for name, text in _QUERIES.items()}
    listed = httpx.get(f"{url}sparql", params={"query": "SELECT ?f WHERE { ?f a ftz:Factor } LIMIT 1"}).json()
    factor = listed["results"]["bindings"][0]["f"]["value"].rpartition("/")[2]
    return asked | {
        "named csv": ("queries/statistics.csv", {}),
        "named page": ("queries/documents.html", {}),
        "factor page": (f"id/{factor}", {"Accept": "text/html"}),
        "factor rdf": (f"id/{factor}", {"Accept": "text/turtle"}),
    }


def _client(
    url: str, requests: dict[str, tuple[str, dict[str, str]]], number: int, seconds: float
) -> list[tuple[str, float, int]]:
    """Ask one thing after the other; return what, how long it took, and the status, 0 where there was no answer."""
    answers = []
    names = list(requests)
    deadline = time.monotonic() + seconds
    with httpx.Client(base_url=url, timeout=120) as client:
        for turn in itertools.count(number):
            if time.monotonic() > deadline:
                return answers
            name = names[turn % len(names)]
            path, headers = requests[name]
            begun = time.perf_counter()
            try:
                status = client.get(path, headers=headers).status_code
            except httpx.HTTPError:
                status = 0
            answers.append((name, time.perf_counter() - begun, status))
    raise AssertionError("unreachable")


@contextmanager
def _served(graph: Path) -> Iterator[tuple[str, int]]:
    """Start a service; yields its address and process id."""
    command = [sys.executable, "-m", "ftzgraph", "serve", str(graph), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[0], process.pid
    finally:
        process.terminate()
        process.wait()


def _memory(pid: int) -> float:
    """Megabytes that a process and its children hold."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    if not children.exists():
        return float("nan")
    pages = sum(
        int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in (pid, *children.read_text().split())
    )
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
