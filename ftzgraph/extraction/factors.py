"""spaCy component that says which clauses are factors and of what type: the rules reader.

Every type collects points: from cues in the clause, from leads before it, from the role of the text around it. The type with the most
points wins when it has enough; the strongest reason is kept as ``method``, its words as ``cue``. A trained reader takes this
component's place by writing ``doc.spans["factors"]`` with the same attributes.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from spacy.language import Language
from spacy.tokens import Doc
from spacy.tokens import Span as SpacySpan

from ftzgraph.causalmap import Factor, FactorType, Modality, Span
from ftzgraph.extraction.clauses import Clause
from ftzgraph.extraction.lexicon import Lexicon, lexicon

for _name, _default in (
    ("cue", ""),
    ("method", ""),
    ("confidence", 0.0),
    ("modality", Modality.ASSERTED),
    ("negated", False),
):
    SpacySpan.set_extension(_name, default=_default, force=True)

PROBLEM, CAUSE, EFFECT = FactorType.PROBLEM, FactorType.CAUSE, FactorType.EFFECT
REMEDY, GOAL, ACHIEVEMENT = FactorType.REMEDY, FactorType.GOAL, FactorType.ACHIEVEMENT


def factors_of(doc: Doc) -> tuple[Factor, ...]:
    """Return the factors of a processed document, read back from ``doc.spans["factors"]``, sorted by span."""
    spans = sorted(doc.spans.get("factors", ()), key=lambda s: (s.start_char, s.end_char))
    return tuple(
        Factor(
            Span(s.start_char, s.end_char),
            FactorType(s.label_),
            s._.cue,
            s._.method,
            s._.confidence,
            Modality(s._.modality),
            s._.negated,
        )
        for s in spans
    )


@Language.factory("ftz_factors", requires=["doc._.clauses"], assigns=["doc.spans"])
def create_factors(nlp: Language, name: str) -> "RulesReader":
    """Create the rules reader."""
    return RulesReader()


class RulesReader:
    """spaCy component: writes ``doc.spans["factors"]``, labelled by type, with cue, method, confidence, modality and negation."""

    def __call__(self, doc: Doc) -> Doc:
        """Find the factors of one document."""
        by_sentence: dict[int, list[Clause]] = defaultdict(list)
        for clause in doc._.clauses:
            by_sentence[clause.sentence].append(clause)
        spans = []
        for clauses in by_sentence.values():
            for clause, decision in zip(clauses, _decide_sentence(doc.text, clauses, lexicon()), strict=True):
                if decision.type is None:
                    continue
                span = doc.char_span(clause.span.start, clause.span.end, label=decision.type.value)
                span._.cue = decision.cue
                span._.method = f"rules/{decision.reason}"
                span._.confidence = decision.confidence
                span._.modality = _modality(clause, doc.text)
                span._.negated = _is_denied(clause, doc.text)
                spans.append(span)
        doc.spans["factors"] = spans
        return doc


@dataclass
class _Decision:
    """The points of one clause and what came of them."""

    points: dict[FactorType, float] = field(default_factory=lambda: defaultdict(float))
    reasons: dict[FactorType, tuple[float, str, str]] = field(default_factory=dict)  # best single reason: weight, name, cue
    type: FactorType | None = None

    def add(self, kind: FactorType, weight: float, reason: str, cue: str = "") -> None:
        """Give a type points; a negative weight takes them."""
        self.points[kind] += weight
        if weight > 0 and (kind not in self.reasons or weight > self.reasons[kind][0]):
            self.reasons[kind] = (weight, reason, cue)

    @property
    def reason(self) -> str:
        """Name of the strongest reason for the type that won."""
        return self.reasons[self.type][1] if self.type in self.reasons else "neighbour"

    @property
    def cue(self) -> str:
        """Words of the strongest reason for the type that won."""
        return self.reasons[self.type][2] if self.type in self.reasons else ""

    @property
    def confidence(self) -> float:
        """More points, more confidence, and less where another kind of factor comes close."""
        if self.type is None:
            return 0.0
        best = self.points[self.type]
        rival = max((p for t, p in self.points.items() if _kind(t) != _kind(self.type)), default=0.0)
        return round(min(0.95, max(0.3, 0.45 + 0.1 * best - 0.05 * max(0.0, rival))), 2)


def _kind(kind: FactorType) -> str:
    return "barrier" if kind.is_barrier else "strategy" if kind.is_strategy else "achievement"


_THRESHOLD = 2.0
# What a role gives its types: (heading prior, points under a lead-in).
_PRIORS: dict[str, tuple[tuple[FactorType, float, float], ...]] = {
    "problem": ((PROBLEM, 1, 2),),
    "cause": ((CAUSE, 1.5, 2.5),),
    "remedy": ((REMEDY, 1, 2),),
    "goal": ((GOAL, 2, 3),),
    "achievement": ((ACHIEVEMENT, 1, 2),),
    "progress": ((REMEDY, 1, 1.5), (ACHIEVEMENT, 1, 1)),
}
_LEADS: dict[str, tuple[tuple[FactorType, float], ...]] = {
    "cause": ((CAUSE, 2),),
    "effect": ((EFFECT, 2),),
    "contrast": ((PROBLEM, 0.5),),
    "concession": ((ACHIEVEMENT, 1), (PROBLEM, -1)),
    "demanded": ((REMEDY, 2),),
    "permitted": ((REMEDY, 2),),
    "purpose": ((GOAL, 2),),
}


def _decide_sentence(text: str, clauses: list[Clause], lex: Lexicon) -> list[_Decision]:
    """Decide each clause by itself, then let neighbours in the sentence speak."""
    decisions = [_decide(text[c.span.start : c.span.end], c, lex) for c in clauses]
    _carry_demands(clauses, decisions)
    for decision in decisions:
        _settle(decision)
    _turn_remedies_to_goals(text, clauses, decisions)
    _turn_reasons_to_causes(clauses, decisions)
    return decisions


def _decide(content: str, clause: Clause, lex: Lexicon) -> _Decision:
    decision = _Decision()
    if clause.frame:
        decision.add(clause.frame.type, 3, clause.frame.name, content)
        return decision
    role = clause.role
    if role.name == "background":
        decision.add(PROBLEM, -1, "background")
        decision.add(REMEDY, -1, "background")
    for kind, prior, strong in _PRIORS.get(role.name, ()):
        decision.add(kind, strong if role.strong else prior, f"section on {role.name}")
    acts = False
    for cue in lex.cues:
        match = cue.pattern.search(content)
        if not match:
            continue
        acts = acts or cue.name == "action"
        if cue.name == "action" and role.name == "problem" and not (clause.says("demanded") or clause.says("permitted")):
            continue  # 推进缓慢, 执行不力: below a heading on problems a verb of action is no demand
        if cue.type in (GOAL, ACHIEVEMENT) and role.name in ("goal", "achievement", "progress"):
            decision.add(_PRIORS[role.name][-1][0], cue.weight, cue.name, match.group())
        else:
            decision.add(cue.type, cue.weight, cue.name, match.group())
    for lead in clause.leads:
        for kind, weight in _LEADS.get(lead.says, ()):
            decision.add(kind, weight, lead.says, lead.text)
    if acts and role.name != "problem":
        decision.add(PROBLEM, -2, "acts on it")  # 破解…难题, 补齐…短板 name a problem in order to solve it
    if role.name in ("remedy", "goal", "progress"):
        decision.add(PROBLEM, -1, "section on strategies")
    return decision


def _carry_demands(clauses: list[Clause], decisions: list[_Decision]) -> None:
    """A modal reaches over the coordinated predicates behind it: 要 A，B，C demands all three."""
    demanded = False
    for clause, decision in zip(clauses, decisions, strict=True):
        if clause.says("demanded") or clause.says("permitted"):
            demanded = True
        elif clause.says("contrast") or clause.says("cause"):
            demanded = False
        elif demanded and any(reason[1] == "action" for reason in decision.reasons.values()):
            decision.add(REMEDY, 1, "coordinated demand")


def _settle(decision: _Decision) -> None:
    """Take the type with the most points, if it has enough; barriers and strategies pool theirs against the rest."""
    pools: dict[str, float] = defaultdict(float)
    for kind, points in decision.points.items():
        if kind is not GOAL:
            pools[_kind(kind)] += points
    pools["strategy"] = max(pools["strategy"], decision.points.get(GOAL, 0.0))
    order = ("barrier", "strategy", "achievement")
    kind_name = max(order, key=lambda k: (pools[k], -order.index(k)))
    if pools[kind_name] < _THRESHOLD:
        return
    types = [t for t in FactorType if _kind(t) == kind_name and decision.points.get(t, 0.0) > 0]
    decision.type = max(types, key=lambda t: (decision.points[t], -list(FactorType).index(t))) if types else None


def _turn_remedies_to_goals(text: str, clauses: list[Clause], decisions: list[_Decision]) -> None:
    """The last strategy of a run is its goal when it names an outcome: 完善规则，压实责任，促进公平竞争."""
    for i, (clause, decision) in enumerate(zip(clauses, decisions, strict=True)):
        outcome = decision.points.get(GOAL, 0.0) >= 1
        if decision.type is not REMEDY or not outcome or i == 0 or clause.frame:
            continue
        before = decisions[i - 1].type in (REMEDY, GOAL) and clauses[i - 1].closes in "，,"
        last = i + 1 == len(clauses) or clause.closes in "；;。" or decisions[i + 1].points.get(GOAL, 0.0) >= 1
        if before and last and not clause.says("demanded"):
            decision.type = GOAL


def _turn_reasons_to_causes(clauses: list[Clause], decisions: list[_Decision]) -> None:
    """What stands right before 导致 and its kin is a cause, whatever it looks like; an untyped subject is drawn in."""
    for i in range(1, len(clauses)):
        if not (clauses[i].says("effect") and decisions[i].type in (EFFECT, PROBLEM)):
            continue
        previous = decisions[i - 1]
        if previous.type is None and clauses[i - 1].closes in "，,":
            previous.type = CAUSE
            previous.add(CAUSE, 2, "before its effect", clauses[i].leads[-1].text)


_CONDITIONAL, _PREDICTED = ("conditional",), ("predicted",)


def _modality(clause: Clause, text: str) -> Modality:
    for says, modality in (
        ("conditional", Modality.CONDITIONAL),
        ("permitted", Modality.PERMITTED),
        ("demanded", Modality.DEMANDED),
        ("predicted", Modality.PREDICTED),
    ):
        if clause.says(says):
            return modality
    content = text[clause.span.start : clause.span.end]
    if any(word in content for word in ("可以考虑", "可考虑", "可以", "不妨")):
        return Modality.PERMITTED
    if any(word in content for word in ("应当", "应该", "必须", "应进一步", "需要", "务必")):
        return Modality.DEMANDED
    if any(word in content for word in ("将会", "必将", "势必", "将持续", "将进一步", "也将", "可能")):
        return Modality.PREDICTED
    return Modality.ASSERTED


def _is_denied(clause: Clause, text: str) -> bool:
    before = text[max(0, clause.span.start - 4) : clause.span.start]
    return any(before.endswith(word) for word in ("并非由于", "不是因为", "并非因为", "并非", "并不是"))
