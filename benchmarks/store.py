"""What a store folder costs beside Oxigraph's Python package used directly: the same triples in the same named graphs.

python benchmarks/store.py [--triples N] [--rounds N] [--cpu]
python benchmarks/store.py --same FILE…

The documents are joined from passages of ``data/corpus`` and read by the rules. Both take turns, and the best of some
rounds counts; on a busy machine processor time (``--cpu``) says more than the clock. Peak memory is that of a process
that does nothing else, as Linux tells it. Oxigraph is given N-Quads, which it loads without any Python; we are given
N-Triples, and find out which graph each belongs to.

With ``--same`` nothing is measured against Oxigraph: documents are read, and each named query asked of a store folder that
holds them and of rdflib, which must find the same rows.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import pyoxigraph as ox

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from two_engines import our_rows, rdflib_rows  # noqa: E402

from ftzgraph import extract, read, read_text, to_rdf  # noqa: E402
from ftzgraph.concepts.rdf import concepts  # noqa: E402
from ftzgraph.corpus import read_passages  # noqa: E402
from ftzgraph.knowledge.oxigraph import from_store  # noqa: E402
from ftzgraph.knowledge.queries import named_queries, run_named  # noqa: E402
from ftzgraph.knowledge.sparql import prepare  # noqa: E402
from ftzgraph.store import open_store  # noqa: E402
from ftzgraph.store.base import as_quads  # noqa: E402

PASSAGES = ROOT / "data" / "corpus" / "passages"
SIZE = 6_000  # characters of a document, at least
_BETWEEN = "SELECT ?words { ?a ftz:causes ?b . ?b rdfs:label ?words ; ftz:causes ?c } ORDER BY ?words LIMIT 1"

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


def same_rows(paths: list[Path]) -> bool:
    """Ask a store folder and rdflib all named queries about some documents and their concepts, and print a table.

    Where a query takes words it is asked about all there is, and about a factor that is both cause and effect.

    Returns:
        Whether both find the same rows, each as often.
    """
    agreed = True
    graph = to_rdf(extract(read(path)) for path in paths)
    with tempfile.TemporaryDirectory() as folder, open_store(folder, create=True) as store:
        store.add(graph)
        found = list(concepts(store))
        store.replace_concepts(found)
        for triple in found:
            graph.add(tuple(map(from_store, triple)))
        between = store.query(_BETWEEN).rows
        words = ["", *(str(label) for (label,) in between)]
        print(f"{len(graph):,} triples of {len(paths)} documents; words: {''.join(words) or 'none'}\n")
        print("| query | about | rows, ours | rows, rdflib | the same | ours, s | rdflib, s |")
        print("| --- | --- " + "| ---: " * 5 + "|")
        for name, named in named_queries().items():
            takes = [key for key, parameter in named.parameters.items() if not parameter.default]
            for about in words if takes else words[:1]:
                given = dict.fromkeys(takes, about)
                start = time.perf_counter()
                ours = our_rows(store, name, **given)
                halfway = time.perf_counter()
                theirs = rdflib_rows(graph, name, **given)
                end = time.perf_counter()
                agreed &= ours == theirs
                same = "yes" if ours == theirs else "NO"
                counts = f"{len(ours)} | {len(theirs)} | {same} | {halfway - start:.3f} | {end - halfway:.3f}"
                print(f"| `{name}` | {'words' if about else 'all'} | {counts} |", flush=True)
    return agreed


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cpu", action="store_true")
    parser.add_argument("--same", nargs="+", type=Path, metavar="FILE")
    args = parser.parse_args()
    if args.same:
        sys.exit(not same_rows(args.same))
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
        checks: list[float] = []
        with open_store(ours) as store:
            for query_name, asked_for in named_queries().items():
                given = {key: p.default if p.default is not None else "发展" for key, p in asked_for.parameters.items()}
                begun = clock()
                text = prepare(asked_for.sparql, given).sparql
                checks.append(clock() - begun)

                def asked(query_name: str = query_name, given: dict[str, str] = given) -> None:
                    run_named(store, query_name, **given)

                def direct(text: str = text) -> None:
                    for row in engine.query(text, use_default_graph_as_union=True):  # type: ignore[union-attr]
                        tuple(row)

                compare(f"`{query_name}`", lambda f=asked: timed(f), lambda f=direct: timed(f))  # type: ignore[misc]
        compare("write Turtle", lambda: fresh("write_ours", ours, output), lambda: fresh("write_plain", plain, output))
        print(
            "\nThe first time that a process is asked a query its text is checked, which the best of some rounds does not "
            f"show: {statistics.median(checks):.3f} s, the median, to {max(checks):.3f} s."
        )


if __name__ == "__main__":
    main()
