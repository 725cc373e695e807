"""The corpus as numbers and files.

python -m training.corpus statistics            what is in it
python -m training.corpus agreement             the second annotation against the first
"""

import json
import sys
from bisect import bisect_left
from collections import Counter
from pathlib import Path

from ftzgraph.causalmap import CausalMap, Factor, Link, Span
from ftzgraph.corpus import Passage, read_passages, split_of
from ftzgraph.evaluation import evaluate, mean
from ftzgraph.gold import load_gold
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.reading import read

PASSAGES, SECOND = Path("data/corpus/passages"), Path("data/corpus/second")


def statistics() -> None:
    """Print what the corpus holds."""
    passages = list(read_passages(PASSAGES))
    characters = sum(sum(not c.isspace() for c in p.text) for p in passages)
    print(f"{len(passages)} passages, {characters} characters without white space")
    for title, counts in (
        ("split", Counter(split_of(p.name) for p in passages)),
        ("genre", Counter(p.genre for p in passages)),
        ("domain", Counter(p.domain for p in passages)),
        ("style", Counter(p.style for p in passages)),
        ("type", Counter("/".join(f.types) for p in passages for f in p.factors)),
        ("relation", Counter(link.relation.value for p in passages for link in p.links)),
        ("factors a passage", Counter(f"{len(p.factors) // 10 * 10}+" for p in passages)),
    ):
        print(f"{title} ({len(counts)}): " + ", ".join(f"{name} {n}" for name, n in counts.most_common()))


def write_gold(passage: Passage, folder: Path) -> Path:
    """Write a passage as a document and its annotation in the guidelines' format; return the annotation's path."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{passage.name}.txt").write_text(passage.text, encoding="utf-8", newline="")
    path = folder / f"{passage.name}.json"
    path.write_text(json.dumps(passage.to_gold(), ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def agreement(folder: Path) -> None:
    """Score the second annotation of a sample as if a reader had made it, against the first."""
    first = {p.name: p for p in read_passages(PASSAGES)}
    evaluations = []
    for passage in read_passages(SECOND):
        if not first[passage.name].factors:
            continue
        path = write_gold(first[passage.name], folder)
        evaluations.append(evaluate(load_gold(path), to_rdf(_causal_map(passage, path.with_suffix(".txt")))))
    print(f"{len(evaluations)} passages annotated twice that hold factors, mean F1:")
    print(", ".join(f"{level} {figures[2]:.2f}" for level, figures in mean(evaluations).items()))


def _causal_map(passage: Passage, path: Path) -> CausalMap:
    """The annotation as a map of its document; required factors only, of the first type."""
    document = read(path)
    factors = sorted(
        (
            Span(bisect_left(document.offsets, f.span.start), bisect_left(document.offsets, f.span.end)),
            f.types[0],
            f.name,
        )
        for f in passage.factors
        if not f.optional
    )
    index = {name: i for i, (_, _, name) in enumerate(factors)}
    links = [
        Link(x.relation, index[x.source], index[x.target], (factors[index[x.source]][0],))
        for x in passage.links
        if not x.optional and x.source in index and x.target in index
    ]
    return CausalMap(document, tuple(Factor(span, kind) for span, kind, _ in factors), tuple(links), (), "second")


def main() -> None:
    """Run one of the two commands."""
    match sys.argv[1:]:
        case ["statistics"]:
            statistics()
        case ["agreement"]:
            agreement(Path("build/agreement"))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
