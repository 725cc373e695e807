"""Fit the scorer of concepts, and measure what it and the grouping are worth.

    python -m training.concepts fit
    python -m training.concepts evaluate

``fit`` tunes the encoder (:mod:`training.similarity`) and fits the weights of the features; ``evaluate`` prints the tables of
``docs/concepts.md``. Learnt from are only the dev pairs, documents d01 to d15 of the clusters, and the train passages of
``data/corpus``. The encoder has seen the dev pairs, so their cosines come from two others, each tuned on the pairs of the
other writer.
"""

import argparse
import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ftzgraph.calibration import expected_error, reliability
from ftzgraph.causalmap import FactorType, MentionKind
from ftzgraph.comparison.matching import similarity
from ftzgraph.concepts.clustering import average_link
from ftzgraph.concepts.grouping import Comparison, group
from ftzgraph.concepts.scorer import FEATURES, Table, Weights, judge, weights
from ftzgraph.concepts.statements import Statement, side_of
from ftzgraph.corpus import Passage, read_passages, split_of
from ftzgraph.evaluation import Claim
from ftzgraph.extraction.mentions import mentions_in

Names: TypeAlias = NDArray[np.str_]

DATA, PASSAGES = Path("data/concepts"), Path("data/corpus/passages")
LABELS = ("same", "related", "different")
# Which way a feature may count, 0 for not at all: another number never makes two statements more the same.
SIGNS = {
    "same": dict(zip(FEATURES, (1, -1, -1, -1, -1, 0), strict=True)),
    "related": dict(zip(FEATURES, (1, -1, -1, -1, -1, 1), strict=True)),
}
_RIDGE, _STEPS = 0.01, 5_000
STOP, CLOSE, LINKED = 0.5, 0.3, 0.5  # even odds decide; well below them two concepts may still be one


@dataclass(frozen=True)
class LabelledPair:
    """Two statements and what an annotator says of them: one of :data:`LABELS`."""

    name: str
    left: Statement
    right: Statement
    label: str

    @property
    def writer(self) -> str:
        """Who wrote the pair: a or b."""
        return self.name[0]


@dataclass(frozen=True)
class Clustered:
    """A statement of a document and the concept that it belongs to."""

    document: str
    statement: Statement
    concept: str


def read_pairs(split: str) -> list[LabelledPair]:
    """Return the labelled pairs of a split, dev or test."""
    return [
        LabelledPair(row["id"], *(_statement(row[f"{s}_type"], row[s]) for s in ("left", "right")), row["label"])
        for row in _rows("pairs-*.tsv")
        if row["split"] == split
    ]


def read_clusters(split: str) -> list[Clustered]:
    """Return the statements of documents d01 to d15 (dev) or d16 to d30 (test)."""
    return [
        Clustered(row["document"], _statement(row["type"], row["text"]), row["concept"])
        for row in _rows("clusters-*.tsv")
        if (row["document"] <= "d15") == (split == "dev")
    ]


def _rows(pattern: str) -> Iterable[dict[str, str]]:
    for path in sorted(DATA.glob(pattern)):
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def _statement(kind: str, text: str) -> Statement:
    """A statement with the places that the reader would find in it."""
    text = re.sub(r"\s+", "", text)
    places = {m.label for m in mentions_in(text) if m.kind is MentionKind.PLACE}
    return Statement(side_of(FactorType(kind)), text, tuple(sorted(places)))


# --- fitting ---


def fit_weights(pairs: Table, labels: Sequence[str], found: Table, same: Table, near: Table, linked: Table) -> Weights:
    """Fit both regressions on dev pairs, on candidate pairs of the dev clusters, and on pairs of whole passages.

    The labelled pairs are hard cases, of which far more mean the same than of the pairs of a document on one topic; the
    passages set the odds right.

    Args:
        pairs: the features of the dev pairs.
        labels: their labels.
        found: the features of pairs of one side whose concepts are known, see :func:`candidates`.
        same: 1 where the concepts are the same.
        near: the features of pairs of one passage, see :func:`passages`.
        linked: 1 where the passage links them.

    Returns:
        The weights.
    """
    label, across = np.array(labels), FEATURES.index("across")
    own, apart, unlike = pairs[:, across] == 0, label != "same", (near[:, across] == 0) & (linked == 0)
    return Weights(
        _regression("same", (pairs[own], label[own] == "same"), (found, same), (near[unlike], np.zeros(unlike.sum()))),
        _regression("related", (pairs[apart], label[apart] == "related"), (near, linked)),
        stop=STOP,
        close=CLOSE,
        linked=LINKED,
    )


def _regression(which: str, *sources: tuple[Table, NDArray[Any]]) -> Table:
    """Logistic regression whose weights keep their :data:`SIGNS`, by projected gradients (Nesterov, 1983).

    Args:
        which: ``"same"`` or ``"related"``.
        sources: features and what is right, which count alike however many they are.
    """
    rows, target = np.vstack([each for each, _ in sources]), np.concatenate([right for _, right in sources])
    heed = np.concatenate([np.full(len(right), 1 / len(right) / len(sources)) for _, right in sources])
    signs = np.array([*SIGNS[which].values(), 2.0])  # 2: the constant, which is free
    centre, spread = rows.mean(0), np.maximum(rows.std(0), 1e-9)
    known = np.column_stack([(rows - centre) / spread, np.ones(len(rows))])
    ridge = np.where(signs == 2, 0.0, _RIDGE)
    step = 1 / (0.25 * np.linalg.eigvalsh((known.T * heed) @ known).max() + _RIDGE)
    found = ahead = np.zeros(known.shape[1])
    for i in range(_STEPS):
        error = 1 / (1 + np.exp(-(known @ ahead))) - target
        new = ahead - step * (known.T @ (heed * error) + ridge * ahead)
        new = np.where((signs == 0) | ((np.abs(signs) == 1) & (new * signs < 0)), 0.0, new)
        ahead = new + i / (i + 3) * (new - found)
        found = new
    slopes = found[:-1] / spread
    return np.append(slopes, found[-1] - slopes @ centre)


def fit(folder: Path) -> None:
    """Tune the encoder, fit the weights, and write both."""
    from training.similarity import cosines, export, tune  # needs PyTorch, which measuring does not

    pairs, clusters = read_pairs("dev"), read_clusters("dev")
    held_out: dict[str, float] = {}
    for writer in sorted({pair.writer for pair in pairs}):
        own = [pair for pair in pairs if pair.writer == writer]
        model = tune([pair for pair in pairs if pair.writer != writer])
        held_out |= zip((pair.name for pair in own), cosines(model, own).tolist(), strict=True)
    export(tune(pairs), folder / "similarity.onnx")
    comparison, places = _comparison([side for pair in pairs for side in (pair.left, pair.right)])
    rows = comparison.features([(places[pair.left], places[pair.right]) for pair in pairs])
    rows[:, FEATURES.index("cosine")] = [held_out[pair.name] for pair in pairs]
    found = fit_weights(rows, [pair.label for pair in pairs], *candidates(clusters), *passages("train"))
    told = {
        "made by": "python -m training.concepts fit, from data/concepts (dev pairs, clusters d01 to d15) and data/corpus (train passages)",
        "same": _named(found.same),
        "related": _named(found.related),
        "stop": found.stop,
        "close": found.close,
        "linked": found.linked,
    }
    (folder / "weights.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=1))


def candidates(clusters: Sequence[Clustered]) -> tuple[Table, Table]:
    """Return the features of the pairs of one side that grouping would compare, and 1 for each whose concepts are the same."""
    concept = {each.statement: each.concept for each in clusters}
    comparison, _ = _comparison(concept)
    statements = comparison.statements
    pairs = [(i, j) for i, j in comparison.candidates() if statements[i].side is statements[j].side]
    same = [concept[statements[i]] == concept[statements[j]] for i, j in pairs]
    return comparison.features(pairs), np.array(same, float)


def passages(split: str) -> tuple[Table, Table]:
    """Return the features of the pairs of one passage of ``data/corpus`` that grouping would compare, and 1 for each that it links.

    A passage hardly ever says the same twice, save where a heading is taken up, which ``partOf`` links.
    """
    rows, linked = [], []
    for domain in _domains(split):
        homes: dict[Statement, set[str]] = {}
        links: set[frozenset[Statement]] = set()
        for passage in domain:
            told = {f.name: _statement(f.types[0], passage.text[f.span.start : f.span.end]) for f in passage.factors}
            for statement in told.values():
                homes.setdefault(statement, set()).add(passage.name)
            links |= {frozenset((told[link.source], told[link.target])) for link in passage.links}
        comparison, _ = _comparison(homes)
        of = comparison.statements
        pairs = [(i, j) for i, j in comparison.candidates() if homes[of[i]] & homes[of[j]]]
        rows.append(comparison.features(pairs))
        linked += [frozenset((of[i], of[j])) in links for i, j in pairs]
    return np.vstack(rows), np.array(linked, float)


def unrepeated(split: str) -> list[list[Statement]]:
    """Return the statements of each passage of a split, which are held to be concepts of their own."""
    return [
        sorted({_statement(f.types[0], passage.text[f.span.start : f.span.end]) for f in passage.factors})
        for domain in _domains(split)
        for passage in domain
    ]


def apart(alone: Sequence[Sequence[Statement]], fitted: Weights) -> tuple[list[Hashable], list[Hashable]]:
    """Return the group that each statement of a passage falls into, and the one that it should fall into."""
    found: list[Hashable] = []
    for number, statements in enumerate(alone):
        groups, _ = group(statements, fitted)
        home = {i: each.members[0] for each in groups for i in each.members}
        found += [(number, home[i]) for i in range(len(statements))]
    return found, list(range(len(found)))


def _domains(split: str) -> list[list[Passage]]:
    """The passages of a split, those of one domain together."""
    found: dict[str, list[Passage]] = {}
    for passage in read_passages(PASSAGES):
        if split_of(passage.name) == split:
            found.setdefault(passage.domain, []).append(passage)
    return list(found.values())


def _comparison(statements: Iterable[Statement]) -> tuple[Comparison, dict[Statement, int]]:
    distinct = sorted(set(statements))
    unfitted = Weights(*(np.zeros(len(FEATURES) + 1) for _ in range(2)), stop=1, close=1, linked=1)
    return Comparison(distinct, unfitted), {statement: index for index, statement in enumerate(distinct)}


def _named(fitted: Table) -> dict[str, float]:
    return dict(zip((*FEATURES, "constant"), (round(float(weight), 3) for weight in fitted), strict=True))


# --- measuring ---


def evaluate() -> None:
    """Print what the pairs and the clusters of both splits say of scorer and grouping, as Markdown."""
    fitted = weights()
    print("| pairs | | precision | recall | F1 |\n| --- | --- | ---: | ---: | ---: |")
    rivals = _rivals(read_pairs("dev"))
    for split in ("dev", "test"):
        pairs = read_pairs(split)
        label = np.array([pair.label for pair in pairs])
        said = decide(pairs, fitted)
        for name in LABELS:
            print(f"| {split} | {name} | {_figures(f1(said == name, label == name))} |")
        for rival, (score, threshold) in rivals.items():
            print(f"| {split} | same, by {rival} alone | {_figures(f1(score(pairs) >= threshold, label == 'same'))} |")
    print("\n| clusters | | B3 precision | recall | F1 |\n| --- | --- | ---: | ---: | ---: |")
    alone = _alone(read_clusters("dev"))
    for split in ("dev", "test"):
        clusters = read_clusters(split)
        concepts = [each.concept for each in clusters]
        found = {"concepts": grouped(clusters, fitted)}
        found |= {f"{rival} alone, same clustering": regroup(clusters) for rival, regroup in alone.items()}
        found["every wording by itself"] = list(range(len(clusters)))
        for name, groups in found.items():
            print(f"| {split} | {name} | {_figures(b3(groups, concepts))} |")
        print(
            f"| {split} | concepts, passages that repeat nothing | {_figures(b3(*apart(unrepeated(split), fitted)))} |"
        )
    print("\n| probability of same | claims | mean | right |\n| --- | ---: | ---: | ---: |")
    rows, same = candidates(read_clusters("test"))
    claims = [
        Claim("same", *claim) for claim in zip(judge(rows, fitted)[:, 0].tolist(), (same > 0).tolist(), strict=True)
    ]
    bins = reliability(claims, 5)
    for b in bins:
        print(f"| {b.low:.1f} to {b.high:.1f} | {b.count} | {b.confidence:.2f} | {b.accuracy:.2f} |")
    print(f"\nExpected calibration error on candidate pairs of the test clusters: {expected_error(bins):.3f}")
    rows, linked = passages("test")
    said = judge(rows, fitted)[:, 1] > fitted.linked
    print(
        f"Pairs within a test passage taken for related: {said.sum():,}; {linked[said].mean():.0%} of them linked there"
    )


def decide(pairs: Sequence[LabelledPair], fitted: Weights) -> Names:
    """Return the likeliest label of each pair."""
    comparison, places = _comparison(side for pair in pairs for side in (pair.left, pair.right))
    chances = judge(comparison.features([(places[pair.left], places[pair.right]) for pair in pairs]), fitted)
    return np.array(LABELS)[np.column_stack([chances, 1 - chances.sum(1)]).argmax(1)]


def _cosine(pairs: Sequence[LabelledPair]) -> Table:
    comparison, places = _comparison(side for pair in pairs for side in (pair.left, pair.right))
    rows = comparison.features([(places[pair.left], places[pair.right]) for pair in pairs])
    return rows[:, FEATURES.index("cosine")]


def _dice(pairs: Sequence[LabelledPair]) -> Table:
    return np.array([similarity(pair.left.text, pair.right.text) for pair in pairs])


Rival: TypeAlias = Callable[[Sequence[LabelledPair]], Table]
_RIVALS: dict[str, Rival] = {"cosine": _cosine, "Dice": _dice}


def _rivals(dev: Sequence[LabelledPair]) -> dict[str, tuple[Rival, float]]:
    """Single scores, each with the threshold at which it tells the dev pairs best."""
    right = np.array([pair.label == "same" for pair in dev])
    found = {}
    for name, score in _RIVALS.items():
        scores = score(dev)
        found[name] = score, float(max(np.unique(scores), key=lambda least: f1(scores >= least, right)[2]))
    return found


def _alone(dev: Sequence[Clustered]) -> dict[str, Callable[[Sequence[Clustered]], list[int]]]:
    """Average-link clustering by single scores, each with the threshold that groups the dev documents best."""
    concepts = [each.concept for each in dev]
    found = {}
    for name, score in _RIVALS.items():
        stop = max(np.arange(0.02, 1, 0.01), key=lambda stop: b3(_linked(dev, score, float(stop)), concepts)[2])
        found[name] = partial(_linked, score=score, stop=float(stop))
    return found


def _linked(clusters: Sequence[Clustered], score: Rival, stop: float) -> list[int]:
    """Group by one score that is known for all pairs of one side."""
    statements = [each.statement for each in clusters]
    pairs = [(i, j) for i, j in combinations(range(len(statements)), 2) if statements[i].side is statements[j].side]
    scores = score([LabelledPair("", statements[i], statements[j], "") for i, j in pairs])
    known = dict(zip(pairs, scores.tolist(), strict=True))
    found = average_link(known, len(statements), stop, lambda unknown: [known[pair] for pair in unknown])
    home = {i: number for number, members in enumerate(found) for i in members}
    return [home[i] for i in range(len(statements))]


def grouped(clusters: Sequence[Clustered], fitted: Weights) -> list[int]:
    """Return the number of the group that each statement falls into."""
    distinct = sorted({each.statement for each in clusters})
    groups, _ = group(distinct, fitted)
    home = {distinct[i]: number for number, found in enumerate(groups) for i in found.members}
    return [home[each.statement] for each in clusters]


def b3(found: Sequence[Hashable], gold: Sequence[Hashable]) -> tuple[float, float, float]:
    """Return B3 precision, recall and F1 of a grouping (Bagga and Baldwin, 1998).

    >>> b3([1, 1, 2], ["a", "a", "a"])
    (1.0, 0.5555555555555556, 0.7142857142857143)
    """
    own, right, both = Counter(found), Counter(gold), Counter(zip(found, gold, strict=True))
    pairs = list(zip(found, gold, strict=True))
    precision = sum(both[x, y] / own[x] for x, y in pairs) / len(pairs)
    recall = sum(both[x, y] / right[y] for x, y in pairs) / len(pairs)
    return precision, recall, 2 * precision * recall / (precision + recall)


def f1(said: Table, right: Table) -> tuple[float, float, float]:
    """Return precision, recall and F1 of a yes-or-no decision."""
    hits = float((said & right).sum())
    precision, recall = hits / max(1.0, said.sum()), hits / max(1.0, right.sum())
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def _figures(figures: tuple[float, float, float]) -> str:
    return " | ".join(f"{figure:.3f}" for figure in figures)


def main() -> None:
    """Fit or evaluate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("fit", help="tune the encoder and fit the weights")
    commands.add_parser("evaluate", help="print precision, recall and F1")
    args = parser.parse_args()
    if args.command == "fit":
        fit(Path("data/similarity"))
    else:
        evaluate()


if __name__ == "__main__":
    main()
