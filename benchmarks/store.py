"""What a store folder costs beside Oxigraph's Python package used directly, on documents of our shape, in the same run.

python benchmarks/store.py [--triples N] [--rounds N]

The documents are joined from passages of ``data/corpus`` and read by the rules. Each figure is the best of some rounds.
"""

import argparse
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count, cycle
from pathlib import Path

import pyoxigraph as ox

from ftzgraph import extract, read_text, to_rdf
from ftzgraph.corpus import read_passages
from ftzgraph.knowledge.queries import named_queries
from ftzgraph.knowledge.serialisation import serialise
from ftzgraph.knowledge.sparql import prepare
from ftzgraph.store import open_store, read_triples
from ftzgraph.store.export import turtle

PASSAGES = Path(__file__).parent.parent / "data" / "corpus" / "passages"
SIZE = 6_000  # characters of a document, at least


def documents() -> Iterator[str]:
    """Yield N-Triples of ever new documents."""
    passages = cycle([passage.text for passage in read_passages(PASSAGES)])
    for number in count():
        text = f"第{number}号文件\n\n"
        while len(text) < SIZE:
            text += next(passages) + "\n\n"
        yield serialise(to_rdf(extract(read_text(text, f"{number}.txt"), "rules")), "ntriples")


def best(rounds: int, work: Callable[[], object]) -> float:
    """Return the seconds of the fastest round."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, ours, plain = folder / "all.nt", folder / "ours", folder / "plain"
        number = triples = 0
        with path.open("w", encoding="utf-8") as file:
            for lines in documents():
                file.write(lines)
                number += 1
                triples += lines.count("\n")
                if triples >= args.triples:
                    break
        print(f"{triples:,} triples of {number} documents")
        print(f"{'':34s}{'ours s':>9s}{'Oxigraph s':>12s}{'ratio':>8s}")

        def compare(what: str, one: Callable[[], object], other: Callable[[], object]) -> None:
            a, b = best(args.rounds, one), best(args.rounds, other)
            print(f"{what:34s}{a:9.3f}{b:12.3f}{a / b:8.2f}")

        def load_ours() -> None:
            shutil.rmtree(ours, ignore_errors=True)
            with open_store(ours, create=True) as store:
                store.add(read_triples(path))

        def load_plain() -> None:
            shutil.rmtree(plain, ignore_errors=True)
            store = ox.Store(str(plain))
            store.bulk_load(path=str(path), format=ox.RdfFormat.N_TRIPLES)
            store.flush()

        compare("load into a folder", load_ours, load_plain)
        engine = ox.Store.read_only(str(plain))
        with open_store(ours) as store:
            for query_name, named in named_queries().items():
                given = {key: parameter.default or "发展" for key, parameter in named.parameters.items()}
                prepared = prepare(named.sparql, given)

                def direct(text: str = prepared.sparql) -> None:
                    for _ in engine.query(text):  # type: ignore[union-attr]
                        pass

                def asked(text: str = named.sparql, given: dict[str, str] = given) -> None:
                    store.query(text, **given)

                compare(query_name, asked, direct)
            pieces = folder / "ours.ttl"

            def write_ours() -> None:
                with pieces.open("wb") as file:
                    file.writelines(turtle(store))

            def write_plain() -> None:
                engine.dump(str(folder / "plain.ttl"), format=ox.RdfFormat.TURTLE, from_graph=ox.DefaultGraph())

            compare("write Turtle", write_ours, write_plain)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, both together")


if __name__ == "__main__":
    main()
