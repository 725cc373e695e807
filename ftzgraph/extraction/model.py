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

from ftzgraph.causalmap import Factor, Link, Modality, Relation
from ftzgraph.errors import FtzgraphError
from ftzgraph.extraction.clauses import Clause
from ftzgraph.extraction.encoding import (
    LABELS,
    RELATIONS,
    RULE_LABELS,
    RULE_LINKS,
    Floats,
    candidate_pairs,
    clause_features,
    make_windows,
    pair_features,
    sentence_indices,
    strongest_links,
)
from ftzgraph.extraction.factors import factors_of, is_denied, modality_of, set_factors
from ftzgraph.extraction.links import around, fits
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
        self.encoder, self.reader, self.scorer = (
            _session(folder / f"{name}.onnx") for name in ("encoder", "reader", "scorer")
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

    def score(self, sources: Floats, targets: Floats, features: Floats) -> Floats:
        """Return calibrated probabilities (pairs, RELATIONS)."""
        scale, shift, trust = (
            np.array([self.settings["links"][r.value][name] for r in RELATIONS], np.float32)
            for name in ("scale", "shift", "trust")
        )
        parts = [np.zeros((0, len(RELATIONS)), np.float32)]
        for at in range(0, len(features), _PAIRS):
            rows = slice(at, at + _PAIRS)
            inputs = {"sources": sources[rows], "targets": targets[rows], "features": features[rows]}
            parts.append(self.scorer.run(None, inputs)[0])
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
            if 1 - row[0] >= threshold:
                found.append(_factor(text, clause, row, rule))
            elif clause.heading and rule:
                found.append(rule)  # what a heading states, layout tells better than wording
        set_factors(doc, found)
        return doc


def _factor(text: str, clause: Clause, row: Floats, by_rule: Factor | None) -> Factor:
    best = 1 + int(row[1:].argmax())
    kind = LABELS[best]
    assert kind is not None
    agrees = by_rule is not None and by_rule.type is kind
    method = f"model+{by_rule.method}" if agrees and by_rule else "model"
    cue = by_rule.cue if agrees and by_rule else ""
    return Factor(
        clause.span, kind, cue, method, round(float(row[best]), 2), modality_of(clause, text), is_denied(clause, text)
    )


@Language.factory("ftz_link_scorer", requires=["doc._.readings", "doc._.links"], assigns=["doc._.links"])
def create_link_scorer(nlp: Language, name: str) -> "LinkScorer":
    """Create the component that scores links with the model."""
    return LinkScorer()


class LinkScorer:
    """spaCy component: adds to ``doc._.links`` what the model finds, and its confidence to what the rules found too."""

    def __call__(self, doc: Doc) -> Doc:
        """Score the links of one document."""
        factors = factors_of(doc)
        if not factors:
            return doc
        clause_of = {c.span: i for i, c in enumerate(doc._.clauses)}
        rows = np.array([clause_of[f.span] for f in factors])
        pairs = candidate_pairs(doc, factors)
        features = pair_features(doc, [f.span for f in factors], doc._.links, pairs)
        readings: Readings = doc._.readings
        scores = model().score(readings.sources[rows[pairs[:, 0]]], readings.targets[rows[pairs[:, 1]]], features)
        revised = model().revise(readings.probabilities[rows], strongest_links(pairs, scores, len(factors)))
        factors = tuple(
            _retyped(f, row) if f.method.startswith("model") else f for f, row in zip(factors, revised, strict=True)
        )
        set_factors(doc, factors)
        by_rule = {(x.relation, x.source, x.target): x for x in doc._.links}
        sentence = sentence_indices(doc, [f.span for f in factors])
        links = []
        for (source, target), row in zip(pairs.tolist(), scores, strict=True):
            for relation, score in zip(RELATIONS, row, strict=True):
                threshold = model().settings["links"][relation.value]["threshold"]
                if score >= threshold and fits(relation, factors[source].type, factors[target].type):
                    ends = factors[source].span, factors[target].span
                    together = sentence[source] == sentence[target]
                    evidence = (around(*ends),) if together else tuple(sorted(ends))
                    modalities = {factors[source].modality, factors[target].modality}
                    same = by_rule.get((relation, source, target))
                    links.append(
                        Link(
                            relation,
                            source,
                            target,
                            evidence,
                            same.cue if same else "",
                            f"model+{same.method}" if same else "model",
                            round(float(score), 2),
                            next((m for m in _HEDGED if m in modalities), Modality.ASSERTED),
                            inferred=same.inferred if same else True,
                        )
                    )
        found = {(x.relation, x.source, x.target) for x in links}
        links += [  # layout and connectives: the rules are right about these
            x
            for key, x in by_rule.items()
            if key not in found and fits(x.relation, factors[x.source].type, factors[x.target].type)
        ]
        order = list(Relation)
        doc._.links = tuple(sorted(links, key=lambda x: (order.index(x.relation), x.source, x.target)))
        return doc


def _retyped(factor: Factor, row: Floats) -> Factor:
    """The factor with the likeliest type. What the rules said of another type is no longer its method or cue."""
    best = 1 + int(row[1:].argmax())
    kind = LABELS[best]
    assert kind is not None
    confidence = round(float(row[best]), 2)
    if kind is factor.type:
        return replace(factor, confidence=confidence)
    return replace(factor, type=kind, confidence=confidence, method="model", cue="")


_HEDGED = (Modality.CONDITIONAL, Modality.PREDICTED)
