"""spaCy component that says which clauses are factors and of what type: the rules reader.

Every type collects points: from cues in the clause, from leads before it, from the role of the text around it. The type with the most
points wins when it has enough; the strongest reason is kept as ``method``, its words as ``cue``. A trained reader takes this
component's place by writing ``doc.spans["factors"]`` with the same attributes.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from spacy.language import Language
from spacy.tokens import Doc
from spacy.tokens import Span as SpacySpan

from ftzgraph.causalmap import Factor, FactorType, Modality, Span
from ftzgraph.extraction.clauses import Clause, takes_a_subject
from ftzgraph.extraction.lexicon import Lexicon, lexicon
from ftzgraph.extraction.words import span_of

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


def set_factors(doc: Doc, factors: Iterable[Factor]) -> None:
    """Write factors to ``doc.spans["factors"]``, the reverse of :func:`factors_of`."""
    spans: list[SpacySpan] = []
    for factor in factors:
        span = span_of(doc, factor.span.start, factor.span.end, label=factor.type.value)
        span._.cue, span._.method, span._.confidence = factor.cue, factor.method, factor.confidence
        span._.modality, span._.negated = factor.modality, factor.negated
        spans.append(span)
    doc.spans["factors"] = spans


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
        text = doc.text  # spaCy joins the tokens anew each time it is asked
        found = []
        for clauses in by_sentence.values():
            for clause, decision in zip(clauses, _decide_sentence(text, clauses, lexicon()), strict=True):
                if decision.type is not None:
                    found.append(
                        Factor(
                            clause.span,
                            decision.type,
                            decision.cue,
                            f"rules/{decision.reason}",
                            decision.confidence,
                            modality_of(clause, text),
                            is_denied(clause, text),
                        )
                    )
        set_factors(doc, found)
        return doc


@dataclass
class _Decision:
    """The points of one clause and what came of them."""

    points: dict[FactorType, float] = field(default_factory=lambda: defaultdict(float))
    reasons: dict[FactorType, tuple[float, str, str]] = field(
        default_factory=dict
    )  # best single reason: weight, name, cue
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
    "effect": ((EFFECT, 4),),
    "contrast": ((PROBLEM, 0.5),),
    "concession": ((ACHIEVEMENT, 1), (PROBLEM, -1)),
    "demanded": ((REMEDY, 2),),
    "permitted": ((REMEDY, 2),),
    "purpose": ((GOAL, 2),),
}


def _decide_sentence(text: str, clauses: list[Clause], lex: Lexicon) -> list[_Decision]:
    """Decide each clause by itself, then let neighbours in the sentence speak."""
    decisions = []
    demanded = False  # 要 A，B，C: the modal reaches over the coordinated predicates behind it
    for clause in clauses:
        if clause.says("demanded") or clause.says("permitted"):
            demanded = True
        elif clause.frame or clause.says("contrast") or clause.says("cause") or clause.says("effect"):
            demanded = False
        decisions.append(_decide(text, clause, demanded, lex))
    for decision in decisions:
        _settle(decision)
    _turn_remedies_to_goals(clauses, decisions)
    _turn_to_effects(clauses, decisions, lex)
    _turn_reasons_to_causes(text, clauses, decisions)
    return decisions


def _decide(text: str, clause: Clause, demanded: bool, lex: Lexicon) -> _Decision:
    decision = _Decision()
    content = text[clause.span.start : clause.span.end]
    if clause.heading and any(topic.search(content) for topic in lex.topics):
        return decision
    if clause.frame:
        decision.add(clause.frame.type, 3, clause.frame.name, content)
        return decision
    role = clause.role
    if role.name == "background":
        decision.add(PROBLEM, -1, "background")
        decision.add(REMEDY, -1, "background")
    for kind, prior, strong in _PRIORS.get(role.name, ()):
        decision.add(kind, strong if role.strong else prior, f"section on {role.name}")
    acts = _add_cues(decision, text[clause.core : clause.span.end], role.name, demanded, lex)
    for lead in clause.leads:
        for kind, weight in _LEADS.get(lead.says, ()):
            burden = kind is REMEDY and not acts  # 要重报材料: without a verb of action it is seldom a demand
            decision.add(kind, 1 if burden else weight, lead.says, lead.text)
    if demanded and acts and not clause.says("demanded") and not clause.says("permitted"):
        decision.add(REMEDY, 1, "coordinated demand")
    if demanded:
        decision.add(ACHIEVEMENT, -2, "demanded")  # what must be attained has not been
    if clause.says("conditional") and role.name in ("problem", "cause", ""):
        decision.add(CAUSE, 2, "condition", clause.leads[-1].text)
    if acts and (role.name != "problem" or demanded):
        decision.add(PROBLEM, -2, "acts on it")  # 破解…难题, 补齐…短板 name a problem in order to solve it
    if role.name in ("remedy", "goal", "progress"):
        decision.add(PROBLEM, -1, "section on strategies")
    return decision


def _add_cues(decision: _Decision, core: str, role: str, demanded: bool, lex: Lexicon) -> bool:
    """Give the points of every cue in a clause; return whether it acts, that is, opens with a verb of action."""
    acts = lex.acts(core)
    for cue in lex.cues:
        match = acts if cue.name == "action" else cue.pattern.search(core)
        if not match or (cue.name == "action" and role == "problem" and not demanded):
            continue  # 推进缓慢, 执行不力: below a heading on problems a verb of action is no demand
        kind = cue.type
        if kind in (GOAL, ACHIEVEMENT) and role in ("goal", "achievement"):
            kind = _PRIORS[role][-1][0]
        decision.add(kind, cue.weight, cue.name, match.group())
    return acts is not None


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


def _turn_remedies_to_goals(clauses: list[Clause], decisions: list[_Decision]) -> None:
    """What ends a run of measures is their goal when it names an outcome: 完善规则，压实责任，促进公平竞争."""
    for i, (clause, decision) in enumerate(zip(clauses, decisions, strict=True)):
        follows = i + 1 < len(clauses) and clauses[i + 1]
        if (
            follows
            and clause.leads
            and clause.leads[-1].text == "要"
            and any(lead.text in _ONLY_SO for lead in follows.leads)
        ):
            decision.type = GOAL  # 要取得成效，就必须…
            continue
        outcome = decision.points.get(GOAL, 0.0) >= 1
        if decision.type not in (REMEDY, None) or not outcome or i == 0 or clause.frame or clause.says("demanded"):
            continue
        previous = decisions[i - 1].type
        # What no cue has claimed acts as well, unless its section tells of something else than strategies.
        free = decision.type is REMEDY or clause.role.name in ("", "remedy", "progress", "goal")
        acted = previous in (REMEDY, GOAL) or (previous is None and free)
        before = acted and clauses[i - 1].closes in "，,"
        end = decision.reasons[GOAL][1] != _MEANS and follows and decisions[i + 1].points.get(GOAL, 0.0) >= 1
        last = not follows or clause.closes in "；;。" or end
        if before and last:
            decision.type = GOAL


_MEANS = "improvement"  # the cue that names an outcome which is the means to another one
_ONLY_SO = ("就必须", "就要", "就应", "就应当", "必须")


def _turn_to_effects(clauses: list[Clause], decisions: list[_Decision], lex: Lexicon) -> None:
    """What cues with ``after_barrier`` tell right behind a barrier follows from it: 名单更新滞后，企业难以获得贷款.

    A problem does so behind what no cue has claimed, too: that is mostly its cause.
    """
    for i in range(1, len(clauses)):
        this, before = decisions[i], decisions[i - 1].type
        if (was := this.type) is None or this.reason not in lex.after_barrier:
            continue
        follows = clauses[i - 1].closes in ("，", ",") and not clauses[i].says("contrast")
        if follows and (before.is_barrier if before else was is PROBLEM):
            this.type = lex.after_barrier[this.reason]
            this.reasons[this.type] = this.reasons[was]
            this.points[this.type] = max(this.points[this.type], this.points[was])


def _turn_reasons_to_causes(text: str, clauses: list[Clause], decisions: list[_Decision]) -> None:
    """What stands right before its consequence is its reason.

    Untyped before 导致 it is a problem, which no word introduces as a cause; a barrier before …就… is a cause; before 只能 a problem.
    """
    for i in range(1, len(clauses)):
        this, before = decisions[i], i - 1
        if this.type not in (EFFECT, PROBLEM):
            continue
        if clauses[i].says("effect") or takes_a_subject(
            clauses[i].leads, text[clauses[i].span.start : clauses[i].span.end]
        ):
            cue = clauses[i].leads[-1].text if clauses[i].leads else ""
            _turn_to(PROBLEM, decisions[before], "before its effect", cue)
            continue
        while before > 0 and clauses[before].frame:
            before -= 1
        opening = text[clauses[before].span.end : clauses[i].core + 6]
        if _THEN.search(opening) and decisions[before].type in (PROBLEM, EFFECT):
            decisions[before].type = None
            _turn_to(CAUSE, decisions[before], "condition", "就")
        elif _COMPELLED.match(text, clauses[i].core, clauses[i].span.end) and clauses[i].role.name == "problem":
            _turn_to(PROBLEM, decisions[before], "before what it compels", "")


_THEN = re.compile("(?:就会?|便会?)(?=.{0,2}(?:失去|丧失|无|难|不|没|只|出现|变))")
_COMPELLED = re.compile("[^，。；]{0,10}(?:只能|不得不|只好|被迫|无法|难以)")


def _turn_to(kind: FactorType, decision: _Decision, reason: str, cue: str) -> None:
    """Make a clause that no cue has claimed a factor of a type."""
    if decision.type is None:
        decision.type = kind
        decision.add(kind, 2, reason, cue)


def modality_of(clause: Clause, text: str) -> Modality:
    """Return how the text commits itself to a clause, from its leads, else from the words in it."""
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


def is_denied(clause: Clause, text: str) -> bool:
    """Whether the words right before a clause deny it (并非由于…)."""
    before = text[max(0, clause.span.start - 4) : clause.span.start]
    return any(before.endswith(word) for word in ("并非由于", "不是因为", "并非因为", "并非", "并不是"))
