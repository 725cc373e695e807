"""How fast the engines read, beside plain word segmentation of the same text in the same run.

python benchmarks/extraction.py [--jobs N] [--documents N]
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import rjieba

from ftzgraph.corpus import read_passages

PASSAGES = Path(__file__).parent.parent / "data" / "corpus" / "passages"
SIZE = 6_000  # characters of a document, at least
_ENGINES = ("rules", "model")

_LOAD = "import time; t = time.perf_counter(); from ftzgraph.extraction.model import model; model(); print(time.perf_counter() - t)"
_PEAK = "max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))"
_EXTRACT = f"""
import resource, sys, time
from pathlib import Path
from ftzgraph import extract, read
files, engine = sorted(Path(sys.argv[1]).iterdir()), sys.argv[2]
extract(read(files[0]), engine)
start = time.perf_counter()
for file in files:
    extract(read(file), engine)
print(time.perf_counter() - start, {_PEAK})
"""
_BUILD = f"""
import resource, sys, time
from ftzgraph.building import build
if __name__ == "__main__":
    start = time.perf_counter()
    build(sys.argv[1], sys.argv[2], engine=sys.argv[3], jobs=int(sys.argv[4]))
    seconds = time.perf_counter() - start
    print(seconds, {_PEAK})
"""


def write_documents(folder: Path, number: int) -> list[str]:
    """Write documents joined from passages of the corpus; return their texts."""
    texts: list[str] = []
    passages = iter(list(read_passages(PASSAGES)) * 20)
    for i in range(number):
        text = ""
        while len(text) < SIZE:
            text += next(passages).text + "\n\n"
        (folder / f"{i:03}.txt").write_text(text, encoding="utf-8")
        texts.append(text)
    return texts


def timed(work: Callable[[], object]) -> float:
    """Seconds of the fastest of three runs."""
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def fresh(program: str, *arguments: str) -> list[float]:
    """Run a program in a process of its own and return the numbers that it prints."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "program.py"  # a file, so that worker processes can be started from it
        path.write_text(program, encoding="utf-8")
        done = subprocess.run([sys.executable, str(path), *arguments], capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.split()]


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        sources, output = Path(scratch) / "in", Path(scratch) / "out"
        sources.mkdir()
        texts = write_documents(sources, args.documents)
        characters = sum(map(len, texts))
        rjieba.cut("预热")
        words = timed(lambda: [rjieba.cut(text) for text in texts])
        print(f"{args.documents} documents, {characters:,} characters, {args.jobs} processes\n")
        print("| what | seconds | characters a second | times word segmentation | peak memory, MB |")
        print("| --- | ---: | ---: | ---: | ---: |")
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"| word segmentation | {words:.3f} | {characters / words:,.0f} | 1 | {own:.0f} |")
        runs = [(f"read and extract, {engine}", _EXTRACT, (str(sources), engine)) for engine in _ENGINES]
        runs += [
            (f"`build --engine {engine} --jobs {jobs}`", _BUILD, (str(sources), str(output), engine, str(jobs)))
            for engine in _ENGINES
            for jobs in sorted({1, args.jobs})
        ]
        for name, program, arguments in runs:
            seconds, memory = fresh(program, *arguments)
            speed = f"{characters / seconds:,.0f} | {seconds / words:,.0f}"
            print(f"| {name} | {seconds:.2f} | {speed} | {memory / 1024:.0f} |", flush=True)
    (load,) = fresh(_LOAD)
    print(f"\nmodel loaded in a fresh process: {load:.2f} s")


if __name__ == "__main__":
    main()
