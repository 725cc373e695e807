"""How builds of many documents scale, beside plain word segmentation of the same text in the same run; and whether they survive.

python benchmarks/corpus.py [--documents 100 1000 10000] [--engine rules] [--jobs 1 2] [--project 10000000 --price 0.04]
python benchmarks/corpus.py --concepts [--documents 100 1000]
python benchmarks/corpus.py --kills 50 --documents 1000
"""

import argparse
import hashlib
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import rjieba
from extraction import PASSAGES, fresh

from ftzgraph.corpus import read_passages

EFFICIENCY = (
    0.8  # of a worker's time, in a projection: the rest is spent on starting, sending and waiting for stragglers
)
SIZES = 2_000, 6_000  # characters of the shortest and the longest document

# Without page and report, which large graphs do not get; the time until Python has started is not counted.
_BUILD = """
import multiprocessing, resource, sys, time
from ftzgraph import building
building.MOST_FACTORS = -1
if __name__ == "__main__":
    start = time.perf_counter()
    building.build(sys.argv[1], sys.argv[2], engine=sys.argv[3], jobs=int(sys.argv[4]))
    seconds = time.perf_counter() - start
    for worker in multiprocessing.active_children():
        worker.join()  # its memory is not known before
    print(seconds, *(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
"""


# The graph is in memory before the clock starts.
_GROUP = """
import resource, sys, time
from ftzgraph.concepts.rdf import concepts
from ftzgraph.store import open_store
from ftzgraph.knowledge.vocabulary import FTZ
store = open_store(sys.argv[1])
start = time.perf_counter()
found = list(concepts(store))
seconds = time.perf_counter() - start
factors = sum(triple.predicate.value == str(FTZ.expresses) for triple in found)
groups = len({triple.object.value for triple in found if triple.predicate.value == str(FTZ.expresses)})
print(seconds, factors, groups, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def write_documents(folder: Path, number: int) -> None:
    """Write documents, each of other passages of the corpus."""
    passages = [passage.text for passage in read_passages(PASSAGES)]
    folder.mkdir()
    for i in range(number):
        chance = random.Random(i)
        size, text = chance.randint(*SIZES), f"第{i}号报告\n\n"
        while len(text) < size:
            text += chance.choice(passages) + "\n\n"
        text = text[:size]
        (folder / f"{i:05}.txt").write_text(text, encoding="utf-8")


def segmented(folder: Path) -> tuple[int, float]:
    """Read all documents and segment their words, nothing else; return the characters and the seconds."""
    rjieba.cut("预热")
    start, characters = time.perf_counter(), 0
    for path in sorted(folder.iterdir()):
        text = path.read_text(encoding="utf-8")
        characters += len(text)
        rjieba.cut(text)
    return characters, time.perf_counter() - start


def measure(numbers: list[int], engine: str, jobs: list[int], scratch: Path, project: int, price: float) -> None:
    """Print a table of builds, how well a straight line fits them, and what so many documents would cost."""
    print(
        "| documents | characters | what | seconds | characters a second | times word segmentation | peak memory, MB |"
    )
    print("| ---: | ---: | --- | ---: | ---: | ---: | --- |")
    seconds_of: dict[int, list[float]] = {}
    for number in numbers:
        sources = scratch / f"documents-{number}"
        write_documents(sources, number)
        characters, words = segmented(sources)
        print(f"| {number:,} | {characters:,} | word segmentation | {words:.2f} | {characters / words:,.0f} | 1 | |")
        graphs = set()
        for workers in jobs:
            output = scratch / f"output-{number}-{workers}"
            for again in ("", ", nothing new"):
                seconds, own, child = fresh(_BUILD, str(sources), str(output), engine, str(workers))
                memory = f"{own / 1024:.0f}"
                if not again:
                    seconds_of.setdefault(workers, []).append(seconds)
                    memory += f" + {workers} × {child / 1024:.0f}" if workers > 1 else ""
                speed = f"{characters / seconds:,.0f} | {seconds / words:,.1f}"
                what = f"`--jobs {workers}`{again}"
                print(f"| {number:,} | {characters:,} | {what} | {seconds:.1f} | {speed} | {memory} |", flush=True)
            graphs.add(hashlib.sha256((output / "graph.ttl").read_bytes()).hexdigest())
        turtle = (output / "graph.ttl").stat().st_size
        shards = sum(path.stat().st_size for path in output.rglob("*.gz"))
        same = "the same bytes" if len(graphs) == 1 else "DIFFERENT BYTES"
        print(f"\n{number:,} documents: {same}; a document has {turtle / number / 1024:.0f} KB of Turtle", end="")
        print(f" and {shards / number / 1024:.0f} KB are kept for the next build\n", flush=True)
    for workers, seconds in seconds_of.items():
        if len(numbers) > 1:
            slope, start = np.polyfit(numbers, seconds, 1)
            print(f"`--jobs {workers}`: {start:.1f} s + {1000 * slope:.2f} ms a document", end="; ")
            print(f"correlation with the number of documents {np.corrcoef(numbers, seconds)[0, 1]:.4f}")
    if project:
        each = seconds_of[jobs[0]][-1] * jobs[0] / numbers[-1]
        hours = each * project / 3600
        print(f"\n{project:,} documents at {1000 * each:.0f} ms each: {hours:,.0f} hours of a core, ", end="")
        print(f"{hours / 24 / EFFICIENCY:,.1f} cores for a day where {EFFICIENCY:.0%} of each are used, ", end="")
        print(f"{hours * price / EFFICIENCY:,.0f} at {price} an hour; ", end="")
        print(
            f"{turtle / numbers[-1] * project / 1e12:.2f} TB of Turtle, {shards / numbers[-1] * project / 1e12:.2f} TB kept"
        )


def group(numbers: list[int], engine: str, jobs: int, scratch: Path) -> None:
    """Print a table of how long it takes to group factors into concepts."""
    print("| documents | factors | concepts | seconds | ms a factor | peak memory, MB |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    for number in numbers:
        sources, output = scratch / f"documents-{number}", scratch / f"output-{number}"
        write_documents(sources, number)
        fresh(_BUILD, str(sources), str(output), engine, str(jobs))
        seconds, factors, concepts, memory = fresh(_GROUP, str(output / "graph.ttl"))
        figures = f"{seconds:.1f} | {1000 * seconds / factors:.2f} | {memory / 1024:.0f}"
        print(f"| {number:,} | {factors:,.0f} | {concepts:,.0f} | {figures} |", flush=True)


def survive(kills: int, number: int, engine: str, jobs: int, scratch: Path) -> None:
    """Kill a build at random moments, let it end, and compare its graph with that of a build that nothing befell."""
    sources, output = scratch / "documents", scratch / "output"
    write_documents(sources, number)
    command = [sys.executable, "-m", "ftzgraph", "build", str(sources), "--engine", engine, "--jobs", str(jobs)]
    chance, moments = random.Random(kills), {"before the first document": 0, "while reading": 0, "after the last": 0}
    for done in range(kills):
        process = subprocess.Popen([*command, "-o", str(output)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        before = kept(output)
        more = min(number, before + chance.randrange(1 + 2 * number // kills))
        while process.poll() is None and kept(output) < more:
            time.sleep(0.005)
        time.sleep(chance.random() * 3)
        if process.poll() is None:
            process.kill()
        process.wait()
        read = kept(output)
        moments[list(moments)[0 if not read else 2 if before == number else 1]] += 1
        print(f"\rkilled {done + 1} times, {read} of {number} documents are read", end="", file=sys.stderr, flush=True)
    subprocess.run([*command, "-o", str(output)], check=True, capture_output=True)
    subprocess.run([*command, "-o", str(scratch / "undisturbed")], check=True, capture_output=True)
    same = (output / "graph.ttl").read_bytes() == (scratch / "undisturbed" / "graph.ttl").read_bytes()
    told = ", ".join(f"{times} {moment}" for moment, times in moments.items())
    print(f"\n{number:,} documents, killed {kills} times ({told}): {'the same bytes' if same else 'DIFFERENT BYTES'}")


def kept(output: Path) -> int:
    """Return how many documents have been read."""
    return sum(1 for _ in output.glob(".ftzgraph/*/*.gz"))


def main() -> None:
    """Measure, or kill."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--engine", default="rules")
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2], help="processes, each number measured")
    parser.add_argument("--kills", type=int)
    parser.add_argument("--concepts", action="store_true", help="group the factors instead")
    parser.add_argument("--project", type=int, default=0, help="documents of a projection")
    parser.add_argument("--price", type=float, default=0.04, help="of a core for an hour")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        if args.kills:
            survive(args.kills, max(args.documents), args.engine, max(args.jobs), Path(scratch))
        elif args.concepts:
            group(args.documents, args.engine, max(args.jobs), Path(scratch))
        else:
            measure(args.documents, args.engine, args.jobs, Path(scratch), args.project, args.price)


if __name__ == "__main__":
    main()
