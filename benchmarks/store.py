"""What a store folder costs beside Oxigraph's Python package used directly: the same triples in the same named graphs.

python benchmarks/store.py [--triples N] [--rounds N] [--cpu]

The documents are joined from passages of ``data/corpus`` and read by the rules. Both take turns, and the best of some
rounds counts; on a busy machine processor time (``--cpu``) says more than the clock. Peak memory is that of a process
that does nothing else, as Linux tells it.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import pyoxigraph as ox

from ftzgraph import extract, read_text, to_rdf
from ftzgraph.corpus import read_passages
from ftzgraph.knowledge.queries import named_queries, run_named
from ftzgraph.knowledge.sparql import prepare
from ftzgraph.store import open_store
from ftzgraph.store.base import as_quads

PASSAGES = Path(__file__).parent.parent / "data" / "corpus" / "passages"
SIZE = 6_000  # characters of a document, at least

_PROGRAM = """
import re, shutil, sys, time
from pathlib import Path
import pyoxigraph as ox
from ftzgraph.knowledge.vocabulary import PREFIXES
from ftzgraph.store import open_store, read_triples
from ftzgraph.store.export import turtle
source, target = sys.argv[2:4]
def load_ours():
    with open_store(target, create=True) as store:
        store.add(read_triples(source))
def load_plain():
    store = ox.Store(target)
    store.bulk_load(path=source)
    store.flush()
def write_ours():
    with open_store(source) as store, open(target, "wb") as file:
        file.writelines(turtle(store))
def write_plain():
    store = ox.Store.read_only(source)
    with open(target, "wb") as file:
        for name in store.named_graphs():
            store.dump(file, ox.RdfFormat.TURTLE, from_graph=name, prefixes=PREFIXES)
shutil.rmtree(target, ignore_errors=True)
start, cpu = time.perf_counter(), time.process_time()
globals()[sys.argv[1]]()
elapsed, cpu = time.perf_counter() - start, time.process_time() - cpu
print(elapsed, cpu, int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024)
"""


def documents() -> Iterator[list[ox.Quad]]:
    """Yield ever new documents, as a store keeps them."""
    passages = cycle([passage.text for passage in read_passages(PASSAGES)])
    number = 0
    while True:
        number += 1
        text = f"第{number}号文件\n\n"
        while len(text) < SIZE:
            text += next(passages) + "\n\n"
        yield list(as_quads(to_rdf(extract(read_text(text, f"{number}.txt"), "rules"))))


def write_documents(triples: int, named: Path, merged: Path) -> str:
    """Write documents to two files, with their graphs and without; return what they are."""
    lines = number = 0
    with named.open("wb") as quads, merged.open("wb") as all_triples:
        for document in documents():
            quads.write(ox.serialize(document, format=ox.RdfFormat.N_QUADS) or b"")
            all_triples.write(ox.serialize((q.triple for q in document), format=ox.RdfFormat.N_TRIPLES) or b"")
            lines, number = lines + len(document), number + 1
            if lines >= triples:
                return f"{lines:,} triples of {number} documents"
    raise AssertionError


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cpu", action="store_true")
    args = parser.parse_args()
    clock = time.process_time if args.cpu else time.perf_counter
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program, named, merged, ours, plain, output = (
            folder / each for each in ("program.py", "all.nq", "all.nt", "ours", "plain", "out.ttl")
        )
        program.write_text(_PROGRAM, encoding="utf-8")
        what = write_documents(args.triples, named, merged)

        def fresh(task: str, *paths: Path) -> tuple[float, float]:
            """Seconds and peak memory of a task in a process of its own."""
            command = [sys.executable, str(program), task, *map(str, paths)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            elapsed, cpu, memory = map(float, done.stdout.split())
            return cpu if args.cpu else elapsed, memory

        def timed(work: Callable[[], object]) -> tuple[float, float]:
            start = clock()
            work()
            return clock() - start, 0

        def compare(
            task: str, one: Callable[[], tuple[float, float]], other: Callable[[], tuple[float, float]]
        ) -> None:
            rounds = [(one(), other()) for _ in range(args.rounds)]
            (a, x), (b, y) = (min(figures) for figures in zip(*rounds, strict=True))
            memory = f"{x:.0f} | {y:.0f}" if x else "|"
            print(f"| {task} | {a:.3f} | {b:.3f} | {a / b:.2f} | {memory} |", flush=True)

        print(f"{what}, {'processor time' if args.cpu else 'elapsed time'}\n")
        print("| task | ours, s | Oxigraph, s | ratio | ours, MB | Oxigraph, MB |\n| --- " + "| ---: " * 5 + "|")
        compare("load", lambda: fresh("load_ours", merged, ours), lambda: fresh("load_plain", named, plain))
        engine = ox.Store.read_only(str(plain))
        with open_store(ours) as store:
            for query_name, query in named_queries().items():
                given = {key: p.default if p.default is not None else "发展" for key, p in query.parameters.items()}
                text = prepare(query.sparql, given).sparql

                def asked(query_name: str = query_name, given: dict[str, str] = given) -> None:
                    run_named(store, query_name, **given)

                def direct(text: str = text) -> None:
                    for row in engine.query(text, use_default_graph_as_union=True):  # type: ignore[union-attr]
                        tuple(row)

                compare(f"`{query_name}`", lambda f=asked: timed(f), lambda f=direct: timed(f))  # type: ignore[misc]
        compare("write Turtle", lambda: fresh("write_ours", ours, output), lambda: fresh("write_plain", plain, output))


if __name__ == "__main__":
    main()
