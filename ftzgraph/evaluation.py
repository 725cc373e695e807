"""How well a graph agrees with the gold annotation of a document.

Precision, recall and F1 over factors and links, as is usual in span-based information extraction.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

from rdflib import RDF, Graph
from rdflib.term import Node

from ftzgraph.causalmap import FactorType, Relation
from ftzgraph.errors import GraphError
from ftzgraph.gold import Gold, GoldFactor, GoldLink, Positions, load_gold
from ftzgraph.knowledge.vocabulary import FACTOR_TYPES, FTZ, OA, RELATIONS

LEVELS = ("factor", "barrier/strategy", "span", *(str(relation) for relation in Relation), "links")
"""What is scored: factors by span and type, by span and coarse kind, by span alone; links of each relation, and of all
relations but ``partOf`` together."""


@dataclass(frozen=True)
class Score:
    """Precision and recall, 0 to 1, and what they are shares of.

    Optional annotations count as right when they are found and as nothing when they are not. Recall is 1 where nothing
    is required, precision 0 where nothing is predicted.

    Attributes:
        found, required: how many of the required annotations were found.
        right, predicted: how many of the predictions are right.
    """

    found: int
    required: int
    right: int
    predicted: int

    def __add__(self, other: "Score") -> "Score":
        """Two documents as if they were one."""
        return Score(
            self.found + other.found,
            self.required + other.required,
            self.right + other.right,
            self.predicted + other.predicted,
        )

    @property
    def precision(self) -> float:
        """The share of the predictions that is right."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """The share of the required annotations that was found."""
        return self.found / self.required if self.required else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, 0 when both are 0."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True)
class Fault:
    """One disagreement: ``kind`` is ``"missed"`` or ``"wrong"``, ``label`` a factor's types or a link's relation.

    ``confidence`` is what the graph says of a wrong one; 0 where it says nothing and for what was missed.
    """

    kind: str
    label: str
    text: str
    confidence: float = 0.0


@dataclass(frozen=True)
class Claim:
    """One prediction: a factor or a link (``kind``), what the graph says of its confidence, and whether it is right.

    A factor is right as at the level ``factor``, a link as at the level of its relation.
    """

    kind: str
    confidence: float
    right: bool


@dataclass(frozen=True)
class Evaluation:
    """What the comparison of one graph with one annotation gave.

    Attributes:
        name: the annotation file's name.
        levels: the score at each of :data:`LEVELS`.
        types: the score of each factor type; a gold factor with several types stands under its first.
        confusion: how often the gold type (first) met the predicted type (second) on the same span; ``""`` as the
            second counts required factors that were missed, as the first predicted factors that are not in the gold.
        faults: required factors and links that were missed, and predicted ones that are wrong; factors by place.
        claims: every prediction that the graph gives a confidence, for :mod:`ftzgraph.calibration`.
    """

    name: str
    levels: dict[str, Score]
    types: dict[str, Score]
    confusion: dict[tuple[str, str], int]
    faults: tuple[Fault, ...]
    claims: tuple[Claim, ...]

    def to_dict(self) -> dict[str, Any]:
        """The evaluation as plain JSON values."""
        return {
            "name": self.name,
            "levels": {level: _plain(score) for level, score in self.levels.items()},
            "types": {name: _plain(score) for name, score in self.types.items()},
            "confusion": [{"gold": g, "predicted": p, "count": n} for (g, p), n in self.confusion.items()],
            "faults": [vars(fault) for fault in self.faults],
        }


def evaluate(gold: str | Path | Gold, graph: Graph) -> Evaluation:
    """Score a graph against the gold annotation of a document.

    A predicted factor matches a gold factor when the intersection of their spans is at least half of their union, or
    0.3 of it where one lies within the other; matching is one to one, best first. A link is right when its relation is
    and both of its ends match the ends of a gold link.

    Args:
        gold: an annotation file or an annotation that :func:`load_gold` returned.
        graph: the graph to score. It may hold other documents too; what they say is left aside.

    Returns:
        Scores at every level, and what was missed or wrong.

    Raises:
        GoldError: the annotation cannot be read or does not fit its document.
        GraphError: the graph does not hold the document, or has offsets that are not integers.
    """
    gold = gold if isinstance(gold, Gold) else load_gold(gold)
    factors, links = _predictions(gold, graph)
    located = [factor for factor in factors.values() if factor.spans]
    overlaps = [
        (best, g, p) for g in gold.factors for p in located if (best := max(_overlap(g.span, span) for span in p.spans))
    ]
    overlaps.sort(key=lambda row: (-row[0], row[1].optional))

    by_type = _match(overlaps, lambda g, p: not set(g.types).isdisjoint(p.types))
    by_kind = _match(overlaps, lambda g, p: not {_kind(t) for t in g.types}.isdisjoint(_kind(t) for t in p.types))
    by_span = _match(overlaps, lambda g, p: True)
    levels = {
        "factor": _factor_score(gold.factors, located, by_type),
        "barrier/strategy": _factor_score(gold.factors, located, by_kind),
        "span": _factor_score(gold.factors, located, by_span),
    }
    types = {
        str(name): _factor_score(
            [g for g in gold.factors if g.types[0] is name],
            [p for p in located if p.types[0] is name],
            by_type,
        )
        for name in FactorType
    }

    gold_id = {p.iri: g.id for g, p in by_span}
    claims = [(relation, gold_id.get(source), gold_id.get(target)) for relation, source, target in links]
    for name in Relation:
        levels[str(name)] = _link_score(gold.links, claims, (name,))
    levels["links"] = _link_score(gold.links, claims, (Relation.CAUSES, Relation.ADDRESSES, Relation.AIMS_AT))

    sure = _confidences(graph)
    used, known = {p.iri for _, p in by_type}, {(g.relation, g.source, g.target) for g in gold.links}
    sayings = [
        *(Claim("factor", sure[p.iri,], p.iri in used) for p in located if (p.iri,) in sure),
        *(Claim("link", sure[x], c in known) for x, c in zip(links, claims, strict=True) if x in sure),
    ]
    faults = (*_factor_faults(gold, located, by_type, sure), *_link_faults(gold, factors, links, claims, sure))
    return Evaluation(gold.name, levels, types, _confusion(gold.factors, located, by_span), faults, tuple(sayings))


def pool(evaluations: Sequence[Evaluation]) -> Evaluation:
    """All documents as if they were one (micro average): one that holds nothing weighs nothing.

    Args:
        evaluations: at least one.

    Returns:
        Summed scores and confusion; faults with the name of their document, the most confident wrong ones first.
    """
    confusion: Counter[tuple[str, str]] = Counter()
    for each in evaluations:
        confusion.update(each.confusion)
    order = [*FactorType, ""]
    named = [replace(fault, text=f"{each.name}: {fault.text}") for each in evaluations for fault in each.faults]
    return Evaluation(
        "all",
        {level: reduce(add, (e.levels[level] for e in evaluations)) for level in LEVELS},
        {name: reduce(add, (e.types[name] for e in evaluations)) for name in evaluations[0].types},
        {(str(g), str(p)): confusion[g, p] for g in order for p in order if confusion[g, p]},
        tuple(sorted(named, key=lambda fault: -fault.confidence)),
        tuple(claim for each in evaluations for claim in each.claims),
    )


def mean(evaluations: Sequence[Evaluation]) -> dict[str, tuple[float, float, float]]:
    """The mean over documents of precision, recall and F1 at every level (macro average).

    Args:
        evaluations: at least one.

    Returns:
        Precision, recall and F1 by level; the F1 is the mean of the documents' F1.
    """
    rows = {level: [e.levels[level] for e in evaluations] for level in LEVELS}
    return {
        level: (
            sum(s.precision for s in scores) / len(scores),
            sum(s.recall for s in scores) / len(scores),
            sum(s.f1 for s in scores) / len(scores),
        )
        for level, scores in rows.items()
    }


@dataclass(frozen=True)
class _Predicted:
    """A factor of the graph, with a span for each place of evidence in the gold document."""

    iri: str
    types: tuple[FactorType, ...]
    spans: tuple[Positions, ...]


_Match = tuple[GoldFactor, _Predicted]
_Claim = tuple[Relation, str, str]


def _predictions(gold: Gold, graph: Graph) -> tuple[dict[str, _Predicted], list[_Claim]]:
    """The factors by IRI and the links of the graph, without those of other documents."""
    document = _document(gold, graph)
    factors = {}
    elsewhere = set()
    for node in {s for name in FACTOR_TYPES.values() for s in graph.subjects(RDF.type, name)}:
        evidence = list(graph.objects(node, FTZ.evidence))
        here = [e for e in evidence if document is None or document in graph.objects(e, OA.hasSource)]
        if evidence and not here:
            elsewhere.add(node)
            continue
        spans = sorted({span for e in here for span in _spans(graph, e)})
        positions = (frozenset(gold.position[i] for i in range(*span) if i in gold.position) for span in spans)
        factors[str(node)] = _Predicted(
            str(node),
            tuple(name for name, iri in FACTOR_TYPES.items() if (node, RDF.type, iri) in graph),
            tuple(dict.fromkeys(p for p in positions if p)),
        )
    links = sorted(
        (relation, str(source), str(target))
        for relation, predicate in RELATIONS.items()
        for source, target in graph.subject_objects(predicate)
        if source not in elsewhere and target not in elsewhere
    )
    return dict(sorted(factors.items())), links


def _document(gold: Gold, graph: Graph) -> Node | None:
    """The gold document's node; ``None`` when the graph describes no document at all, so that all of it is meant."""
    hashes = {str(value): node for node, value in graph.subject_objects(FTZ.sha256)}
    if hashes and gold.document.sha256 not in hashes:
        raise GraphError(f"the graph was not built from {gold.document.name} as {gold.name} annotates it")
    return hashes.get(gold.document.sha256)


_Key = tuple[str] | _Claim


def _confidences(graph: Graph) -> dict[_Key, float]:
    """What the graph says of the confidence of factors, by IRI, and of links, by relation and ends."""
    found: dict[_Key, float] = {}
    predicates = {predicate: relation for relation, predicate in RELATIONS.items()}
    for node, value in graph.subject_objects(FTZ.confidence):
        relation = predicates.get(graph.value(node, RDF.predicate))  # type: ignore[call-overload]
        key: _Key = (str(node),)
        if relation is not None:
            key = (relation, str(graph.value(node, RDF.subject)), str(graph.value(node, RDF.object)))
        found[key] = float(str(value))
    return found


def _spans(graph: Graph, evidence: Node) -> list[tuple[int, int]]:
    try:
        return [
            (int(str(start)), int(str(end)))
            for selector in graph.objects(evidence, OA.hasSelector)
            for start in graph.objects(selector, OA.start)
            for end in graph.objects(selector, OA.end)
        ]
    except ValueError as error:
        raise GraphError(f"{evidence} has an offset that is not an integer") from error


def _overlap(a: Positions, b: Positions) -> float:
    """Intersection over union where it is large enough for the same factor, else 0."""
    common = len(a & b)
    overlap = common / len(a | b)
    return overlap if overlap >= 0.5 or (overlap >= 0.3 and common == min(len(a), len(b))) else 0.0


def _match(
    overlaps: Iterable[tuple[float, GoldFactor, _Predicted]], same: Callable[[GoldFactor, _Predicted], bool]
) -> list[_Match]:
    """Pair gold and predicted factors one to one, in the order of ``overlaps``."""
    matches: dict[str, _Predicted] = {}
    pairs = []
    used: set[str] = set()
    for _, g, p in overlaps:
        if g.id not in matches and p.iri not in used and same(g, p):
            matches[g.id] = p
            used.add(p.iri)
            pairs.append((g, p))
    return pairs


def _kind(name: FactorType) -> str:
    return "barrier" if name.is_barrier else "strategy" if name.is_strategy else "achievement"


def _score(found: int, required: int, right: int, predicted: int) -> Score:
    """``found`` of the ``required`` annotations, ``right`` of the ``predicted`` claims."""
    return Score(found, required, right, predicted)


def _factor_score(gold: Sequence[GoldFactor], predicted: Sequence[_Predicted], matches: Sequence[_Match]) -> Score:
    matched = {g.id for g, _ in matches}
    used = {p.iri for _, p in matches}
    required = [g for g in gold if not g.optional]
    return _score(
        sum(g.id in matched for g in required), len(required), sum(p.iri in used for p in predicted), len(predicted)
    )


def _link_score(
    gold: Sequence[GoldLink], claims: Sequence[tuple[Relation, str | None, str | None]], relations: Sequence[Relation]
) -> Score:
    known = {(g.relation, g.source, g.target): g.optional for g in gold if g.relation in relations}
    mine = [claim for claim in claims if claim[0] in relations]
    required = [key for key, optional in known.items() if not optional]
    return _score(sum(key in mine for key in required), len(required), sum(c in known for c in mine), len(mine))


def _confusion(
    gold: Sequence[GoldFactor], predicted: Sequence[_Predicted], matches: Sequence[_Match]
) -> dict[tuple[str, str], int]:
    counts: Counter[tuple[str, str]] = Counter()
    for g, p in matches:
        both = [name for name in p.types if name in g.types]
        counts[(both or g.types)[0], (both or p.types)[0]] += 1
    matched = {g.id for g, _ in matches}
    used = {p.iri for _, p in matches}
    counts.update((str(g.types[0]), "") for g in gold if g.id not in matched and not g.optional)
    counts.update(("", str(p.types[0])) for p in predicted if p.iri not in used)
    order = [*FactorType, ""]
    return {(str(g), str(p)): counts[g, p] for g in order for p in order if counts[g, p]}


def _factor_faults(
    gold: Gold, predicted: Sequence[_Predicted], matches: Sequence[_Match], sure: dict[_Key, float]
) -> list[Fault]:
    matched = {g.id for g, _ in matches}
    used = {p.iri for _, p in matches}
    faults = [
        (min(g.span), Fault("missed", "/".join(g.types), g.text))
        for g in gold.factors
        if g.id not in matched and not g.optional
    ]
    faults += [
        (min(p.spans[0]), Fault("wrong", "/".join(p.types), _text(gold, p), sure.get((p.iri,), 0.0)))
        for p in predicted
        if p.iri not in used
    ]
    return [fault for _, fault in sorted(faults, key=lambda row: row[0])]


def _link_faults(
    gold: Gold,
    factors: dict[str, _Predicted],
    links: Sequence[_Claim],
    claims: Sequence[tuple[Relation, str | None, str | None]],
    sure: dict[_Key, float],
) -> list[Fault]:
    known = {(g.relation, g.source, g.target) for g in gold.links}
    text = {factor.id: factor.text for factor in gold.factors}
    faults = [
        Fault("missed", g.relation, f"{text[g.source]} → {text[g.target]}")
        for g in gold.links
        if not g.optional and (g.relation, g.source, g.target) not in claims
    ]
    for link, claim in zip(links, claims, strict=True):
        if claim not in known:
            said = [_text(gold, factors[end]) if end in factors else end for end in link[1:]]
            faults.append(Fault("wrong", link[0], " → ".join(said), sure.get(link, 0.0)))
    return faults


def _text(gold: Gold, factor: _Predicted) -> str:
    return "".join(gold.text[i] for i in sorted(factor.spans[0])) if factor.spans else factor.iri


def _plain(score: Score) -> dict[str, float]:
    return {"precision": score.precision, "recall": score.recall, "f1": score.f1, **vars(score)}
