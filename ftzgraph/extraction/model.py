"""The trained reader: two spaCy components that take the rules' word as one reason among others.

``ftz_reader`` types every clause and replaces ``doc.spans["factors"]``; ``ftz_link_scorer`` scores pairs of factors, looks at the types
again in the light of the links (what something causes is rather an effect), and replaces ``doc._.links``. One encoder, quantised to
eight bits, serves both through ONNX Runtime, on one thread, so that the same text gives the same graph in every process.
``training/`` makes the files; ``data/model/README.md`` tells how.
"""

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc
from tokenizers import Tokenizer

from ftzgraph.causalmap import Factor, Link, Relation
from ftzgraph.errors import FtzgraphError
from ftzgraph.extraction.clauses import Clause
from ftzgraph.extraction.encoding import (
    LABELS,
    RELATIONS,
    RULE_LABELS,
    RULE_LINKS,
    Floats,
    Ints,
    beside_rivals,
    candidate_pairs,
    clause_features,
    make_windows,
    pair_features,
    sentence_indices,
    strongest_links,
)
from ftzgraph.extraction.factors import factors_of, is_denied, modality_of, set_factors
from ftzgraph.extraction.links import around, fits, joint_modality
from ftzgraph.resources import resource

Doc.set_extension("readings", default=None, force=True)

_BATCH = 8  # windows the encoder reads at a time
_PAIRS = 20_000  # pairs scored at a time


@dataclass(frozen=True)
class Readings:
    """What the model thinks of a document's clauses.

    Attributes:
        probabilities: (clauses, LABELS), calibrated.
        sources, targets: (clauses, width): each clause as the start and as the end of a link.
    """

    probabilities: Floats
    sources: Floats
    targets: Floats


class Model:
    """The files of the trained reader, loaded once per process."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.settings: dict[str, Any] = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
        self.encoder, self.reader, self.scorer, self.judge = (
            _session(folder / f"{name}.onnx") for name in ("encoder", "reader", "scorer", "judge")
        )

    def read(self, doc: Doc) -> Readings:
        """Read the clauses of a document that has structure, words, clauses and the rules' factors."""
        windows = make_windows(doc, self.tokenizer)
        pooled = np.zeros((len(windows.clauses), 3 * int(self.settings["width"])), np.float32)
        for at in range(0, len(windows.ids), _BATCH):
            rows = slice(at, at + _BATCH)
            length = int(windows.mask[rows].sum(1).max())
            (states,) = self.encoder.run(None, {"ids": windows.ids[rows, :length], "mask": windows.mask[rows, :length]})
            for i in np.flatnonzero((windows.clauses[:, 0] >= at) & (windows.clauses[:, 0] < at + _BATCH)):
                window, first, last = windows.clauses[i]
                tokens = states[window - at, first:last]
                pooled[i] = np.concatenate([tokens.mean(0), tokens[0], tokens[-1]])
        features = clause_features(doc)
        logits, sources, targets = self.reader.run(None, {"pooled": pooled, "features": features})
        said = features[:, RULE_LABELS] * float(self.settings["trust"])
        said[:, 0] = 0  # that the rules find nothing says little
        return Readings(_softmax(logits / float(self.settings["temperature"]) + said), sources, targets)

    def score(self, sources: Floats, targets: Floats, pairs: Ints, features: Floats) -> Floats:
        """Return calibrated probabilities (pairs, RELATIONS); ``pairs`` index the rows of ``sources`` and ``targets``."""
        scale, shift, trust = (
            np.array([self.settings["links"][r.value][name] for r in RELATIONS], np.float32)
            for name in ("scale", "shift", "trust")
        )
        parts = [
            _run(self.scorer, sources=sources[some[:, 0]], targets=targets[some[:, 1]], features=known)
            for some, known in zip(_chunks(pairs), _chunks(features), strict=True)
        ]
        rivals = beside_rivals(np.concatenate(parts), pairs)
        parts = [
            _run(self.judge, rivals=r, features=f) for r, f in zip(_chunks(rivals), _chunks(features), strict=True)
        ]
        logits = np.concatenate(parts) * scale + shift + features[:, RULE_LINKS] * trust
        return np.asarray(1 / (1 + np.exp(-logits)), np.float32)

    def revise(self, probabilities: Floats, links: Floats) -> Floats:
        """Return probabilities (factors, LABELS) in the light of each factor's :func:`strongest_links`.

        Whether a clause is a factor stays as it was; only what it is moves.
        """
        weights = np.array(self.settings["revision"], np.float32)
        kinds = _softmax(np.log(probabilities[:, 1:] + 1e-9) + links @ weights)
        return np.concatenate([probabilities[:, :1], kinds * (1 - probabilities[:, :1])], 1)


@cache
def model() -> Model:
    """Return the model that ships with the program.

    Raises:
        FtzgraphError: it does not ship with this build.
    """
    try:
        folder = resource("data/model/settings.json").parent
    except FileNotFoundError as error:
        raise FtzgraphError("this build ships no trained model: use the rules engine, or make train") from error
    return Model(folder)


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # sums are made in one order, whatever the machine
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _chunks(rows: NDArray[Any]) -> list[NDArray[Any]]:
    return [rows[at : at + _PAIRS] for at in range(0, max(1, len(rows)), _PAIRS)]


def _run(session: onnxruntime.InferenceSession, **inputs: NDArray[Any]) -> Floats:
    output: Floats = session.run(None, inputs)[0]
    return output


def _softmax(logits: NDArray[Any]) -> Floats:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True), np.float32)


@Language.factory("ftz_reader", requires=["doc._.clauses", "doc.spans"], assigns=["doc.spans", "doc._.readings"])
def create_reader(nlp: Language, name: str) -> "TrainedReader":
    """Create the component that types clauses with the model."""
    return TrainedReader()


class TrainedReader:
    """spaCy component: replaces ``doc.spans["factors"]`` and sets ``doc._.readings``."""

    def __call__(self, doc: Doc) -> Doc:
        """Type the clauses of one document."""
        if not doc._.clauses:
            return doc
        doc._.readings = model().read(doc)
        by_rule = {f.span: f for f in factors_of(doc)}
        threshold = float(model().settings["threshold"])
        text = doc.text
        found = []
        for clause, row in zip(doc._.clauses, doc._.readings.probabilities, strict=True):
            rule = by_rule.get(clause.span)
            # What a heading states, layout tells better than wording.
            if (sure := 1 - row[0] >= threshold) or (clause.heading and rule):
                found.append(_factor(text, clause, row, rule, bool(sure)))
        set_factors(doc, found)
        return doc


def _factor(text: str, clause: Clause, row: Floats, by_rule: Factor | None, sure: bool) -> Factor:
    """A factor of the likeliest type; of one that only the rules see, theirs. Its confidence is the model's in any case."""
    best = LABELS[1 + int(row[1:].argmax())] if sure or by_rule is None else by_rule.type
    assert best is not None
    agreed = by_rule if by_rule is not None and by_rule.type is best else None
    method = "+".join(["model"] * sure + ([agreed.method] if agreed else []))
    cue = agreed.cue if agreed else ""
    confidence = round(float(row[LABELS.index(best)]), 2)
    return Factor(clause.span, best, cue, method, confidence, modality_of(clause, text), is_denied(clause, text))


@Language.factory("ftz_link_scorer", requires=["doc._.readings", "doc._.links"], assigns=["doc._.links"])
def create_link_scorer(nlp: Language, name: str) -> "LinkScorer":
    """Create the component that scores links with the model."""
    return LinkScorer()


class LinkScorer:
    """spaCy component: replaces ``doc._.links`` by what the model finds and what the rules say that are mostly right."""

    def __call__(self, doc: Doc) -> Doc:
        """Score the links of one document."""
        factors = factors_of(doc)
        if not factors:
            return doc
        clause_of = {c.span: i for i, c in enumerate(doc._.clauses)}
        rows = np.array([clause_of[f.span] for f in factors])
        pairs = candidate_pairs(doc, factors, doc._.links)
        features = pair_features(doc, factors, doc._.links, pairs)
        readings: Readings = doc._.readings
        scores = model().score(readings.sources[rows], readings.targets[rows], pairs, features)
        # The scorer takes its ends for factors. They stand and fall together more often than not, hence the mean and not the product.
        there = 1 - readings.probabilities[rows, 0]
        scores *= np.sqrt(there[pairs[:, 0]] * there[pairs[:, 1]])[:, None]
        revised = model().revise(readings.probabilities[rows], strongest_links(pairs, scores, len(factors)))
        factors = tuple(_retyped(f, row) for f, row in zip(factors, revised, strict=True))
        set_factors(doc, factors)
        by_rule = {(x.relation, x.source, x.target): x for x in doc._.links}
        settings = model().settings["links"]
        sentence = sentence_indices(doc, [f.span for f in factors])
        links = []
        for (source, target), row in zip(pairs.tolist(), scores, strict=True):
            for relation, score in zip(RELATIONS, row, strict=True):
                rule = by_rule.get((relation, source, target))
                sure = score >= settings[relation.value]["threshold"]
                heard = rule is not None and rule.method.removeprefix("rules/") in settings[relation.value]["rules"]
                if (sure or heard) and fits(relation, factors[source].type, factors[target].type):
                    together = bool(sentence[source] == sentence[target])
                    links.append(_link(factors, relation, source, target, float(score), bool(sure), together, rule))
        order = list(Relation)
        doc._.links = tuple(sorted(links, key=lambda x: (order.index(x.relation), x.source, x.target)))
        return doc


def _link(
    factors: tuple[Factor, ...],
    relation: Relation,
    source: int,
    target: int,
    score: float,
    sure: bool,
    together: bool,
    rule: Link | None,
) -> Link:
    """A link that the model is sure of, that a rule draws, or both; its confidence is the model's calibrated score in any case."""
    ends = factors[source].span, factors[target].span
    return Link(
        relation,
        source,
        target,
        (around(*ends),) if together else tuple(sorted(ends)),
        rule.cue if rule else "",
        "+".join(["model"] * sure + ([rule.method] if rule else [])),
        round(score, 2),
        joint_modality(factors[source], factors[target]),
        inferred=rule.inferred if rule else True,
    )


def _retyped(factor: Factor, row: Floats) -> Factor:
    """The factor with the likeliest type. What the rules said of another type is no longer its method or cue."""
    if not factor.method.startswith("model"):
        return factor
    best = 1 + int(row[1:].argmax())
    kind = LABELS[best]
    assert kind is not None
    confidence = round(float(row[best]), 2)
    if kind is factor.type:
        return replace(factor, confidence=confidence)
    return replace(factor, type=kind, confidence=confidence, method="model", cue="")
