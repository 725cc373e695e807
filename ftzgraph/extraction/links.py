"""spaCy component that links factors: what brings about what, what answers what, to what end, and what belongs to which heading.

It reads only the factors, the text between them and the document's structure, so it serves every reader alike. Each rule is one
method and names itself in the link's ``method``.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator

from spacy.language import Language
from spacy.tokens import Doc

from ftzgraph.causalmap import Factor, FactorType, Link, Modality, Relation, Span
from ftzgraph.document import Structure
from ftzgraph.extraction.factors import factors_of
from ftzgraph.extraction.lexicon import Lexicon, LinkRule, lexicon
from ftzgraph.extraction.topics import Topics

Doc.set_extension("links", default=(), force=True)


@Language.factory("ftz_links", requires=["doc.spans", "doc._.structure", "doc._.words"], assigns=["doc._.links"])
def create_links(nlp: Language, name: str) -> "Linker":
    """Create the component that links factors."""
    return Linker()


class Linker:
    """spaCy component: sets ``doc._.links``, a tuple of :class:`Link` whose ends index the factors sorted by span."""

    def __call__(self, doc: Doc) -> Doc:
        """Link the factors of one document."""
        doc._.links = link_factors(doc, factors_of(doc))
        return doc


def link_factors(doc: Doc, factors: tuple[Factor, ...]) -> tuple[Link, ...]:
    """Apply the rules to any factors of a document, whoever found them.

    Args:
        doc: with structure, roles and words.
        factors: sorted by span.

    Returns:
        Links whose ends index ``factors``, sorted by relation, source and target.
    """
    return _Argument(doc, factors, lexicon()).links()


def around(source: Span, target: Span) -> Span:
    """Return the span that reaches from the first of two to the last."""
    return Span(min(source.start, target.start), max(source.end, target.end))


def joint_modality(source: Factor, target: Factor) -> Modality:
    """Return how the text commits itself to a link: a condition or a prediction at either end hangs over the whole."""
    ends = source.modality, target.modality
    return next((m for m in (Modality.CONDITIONAL, Modality.PREDICTED) if m in ends), Modality.ASSERTED)


def fits(relation: Relation, source: FactorType, target: FactorType) -> bool:
    """Whether the ontology lets the relation join these types."""
    if relation is Relation.CAUSES:
        return source.is_barrier and target.is_barrier
    if relation is Relation.ADDRESSES:
        return source.is_strategy and target.is_barrier
    if relation is Relation.AIMS_AT:
        return source is FactorType.REMEDY and target is FactorType.GOAL
    return True


class _Argument:
    """The factors of one document with their places, and the rules that link them."""

    def __init__(self, doc: Doc, factors: tuple[Factor, ...], lex: Lexicon) -> None:
        self.text: str = doc.text
        self.structure: Structure = doc._.structure
        self.factors, self.lex = factors, lex
        self.starts = [s.start for s in self.structure.sentences]
        self.paragraph_starts = [p[0] for p in self.structure.paragraphs]
        self.sentence_of = [max(0, bisect_right(self.starts, f.span.start) - 1) for f in factors]
        self.in_sentence: dict[int, list[int]] = defaultdict(list)
        for i, sentence in enumerate(self.sentence_of):
            self.in_sentence[sentence].append(i)
        self.section_of = [self.structure.sentences[s].section if self.starts else None for s in self.sentence_of]
        self.stated_by: dict[int, list[int]] = defaultdict(list)  # section → factors that its heading states
        for i, section in enumerate(self.section_of):
            if section is not None:
                title = self.structure.sections[section]
                if title.title_start <= factors[i].span.start and factors[i].span.end <= title.title_end:
                    self.stated_by[section].append(i)
        self.headings = frozenset(i for stated in self.stated_by.values() for i in stated)
        self.barriers_in: dict[int | None, list[int]] = defaultdict(list)  # section → barriers of its body
        for i, section in enumerate(self.section_of):
            if factors[i].type.is_barrier and i not in self.headings:
                self.barriers_in[section].append(i)
        self.topics = Topics(doc._.words, self.text)
        roles = [r.start for r in doc._.roles]
        self.role_of = [doc._.roles[max(0, bisect_right(roles, f.span.start) - 1)].name for f in factors]

    def links(self) -> tuple[Link, ...]:
        """Apply every rule; of two rules that find the same link the more confident one is kept."""
        best: dict[tuple[Relation, int, int], Link] = {}
        for rule in (self.causes, self.ends, self.parts, self.answers_nearby, self.answers_by_topic):
            for link in rule():
                key = (link.relation, link.source, link.target)
                if link.source != link.target and (key not in best or link.confidence > best[key].confidence):
                    best[key] = link
        order = list(Relation)
        return tuple(best[k] for k in sorted(best, key=lambda k: (order.index(k[0]), k[1], k[2])))

    # --- causes -------------------------------------------------------------------------------------------------------

    def causes(self) -> Iterator[Link]:
        """Cause and effect, from the words between neighbouring factors and from constructions that open a reason."""
        for sentence, members in sorted(self.in_sentence.items()):
            barriers = [i for i in members if self.factors[i].type.is_barrier]
            reasons: list[int] = []  # causes named so far that explain what follows in the sentence
            anchor: int | None = None  # what a run of subjectless consequences follows from
            for position, i in enumerate(barriers):
                previous = barriers[position - 1] if position else None
                gap = self.gap(previous, i, sentence)
                if "；" in gap or ";" in gap:
                    reasons, anchor, previous = [], None, None
                factor = self.factors[i]
                before = previous if previous is not None else self.last_barrier_before(sentence)
                if previous in reasons and "或" in gap:
                    reasons = [*reasons, i]  # 如果甲，或者乙，那么就会…: two conditions of one outcome
                    continue
                if (rule := _first(self.lex.links["backward"], gap)) and before is not None and not _denied(gap):
                    yield self.link(Relation.CAUSES, i, before, rule, gap)
                    continue
                forward = _first(self.lex.links["forward"], gap) or _first(self.lex.links["inner"], self.quote(i))
                implicit = _first(self.lex.links["consequence"], self.quote(i))
                if (
                    forward
                    and before is not None
                    and not (previous is None and forward.name == "bring about" and gap[:1] not in "这此")
                ):
                    together = reasons or [before]
                    sources = self.run_before(barriers, position) if forward.name == "therefore" else [before]
                    for source in sources or together:
                        yield self.link(Relation.CAUSES, source, i, forward, gap)
                    reasons, anchor = [], before
                    if forward.name == "bring about":
                        anchor = None
                elif implicit and previous is not None and not reasons:
                    source = (
                        anchor
                        if anchor is not None and _opens_alike(self.quote(previous), self.quote(i), implicit)
                        else previous
                    )
                    yield self.link(Relation.CAUSES, source, i, implicit, gap, inferred=True)
                    anchor = source
                    continue
                elif factor.type is not FactorType.CAUSE:
                    for source in reasons:
                        yield self.link_between(source, i, sentence)
                    # What follows the first consequence mostly follows from it; only 由于 and its kin reach over a whole run.
                    reasons = [r for r in reasons if self.gap(None, r, sentence).endswith(_REACHING)]
                    anchor = None
                if factor.type is FactorType.CAUSE:
                    reasons = [*reasons, i] if not forward else [i]

    def run_before(self, barriers: list[int], position: int) -> list[int]:
        """The coordinated barriers right before one in its sentence, causes left out: A，B，因此C."""
        run: list[int] = []
        for i in reversed(barriers[:position]):
            if self.factors[i].type is FactorType.CAUSE and run:
                break
            run.append(i)
        return run[::-1]

    def last_barrier_before(self, sentence: int) -> int | None:
        """The last barrier of the sentence before, if both stand in one paragraph."""
        if sentence == 0 or self.paragraph(sentence) != self.paragraph(sentence - 1):
            return None
        found = [i for i in self.in_sentence.get(sentence - 1, ()) if self.factors[i].type.is_barrier]
        return found[-1] if found else None

    def link_between(self, source: int, target: int, sentence: int) -> Link:
        """A cause opened by 由于 and its kin, linked to what follows it."""
        opening = self.gap(None, source, sentence)
        rule = self.lex.links["opener"][0]
        return self.link(Relation.CAUSES, source, target, rule, opening)

    # --- aimsAt -------------------------------------------------------------------------------------------------------

    def ends(self) -> Iterator[Link]:
        """Remedies and the goal that stands behind (or, introduced by 为, before) them in their sentence."""
        rule = self.lex.links["purpose"][0]
        for sentence, members in sorted(self.in_sentence.items()):
            strategies = [i for i in members if self.factors[i].type.is_strategy]
            run: list[int] = []
            waiting: list[int] = []  # goals named before any remedy of their sentence
            closed = False
            for position, i in enumerate(strategies):
                gap = self.gap(strategies[position - 1] if position else None, i, sentence)
                if "；" in gap or ";" in gap:
                    run, waiting, closed = [], [], False
                if self.factors[i].type is FactorType.GOAL:
                    for source in run:
                        yield self.link(Relation.AIMS_AT, source, i, rule, gap, inferred=not rule.pattern.search(gap))
                    closed = bool(run)
                    if not run:
                        waiting.append(i)
                else:
                    run = [i] if closed else [*run, i]
                    closed = False
                    for goal in waiting:
                        yield self.link(Relation.AIMS_AT, i, goal, rule, gap, inferred=True)

    # --- partOf -------------------------------------------------------------------------------------------------------

    def parts(self) -> Iterator[Link]:
        """What stands under a heading elaborates the factor that the heading states; list items, what leads the list in."""
        for i, factor in enumerate(self.factors):
            for head in self.heads_above(i):
                target = next((h for h in head if _same_side(factor.type, self.factors[h].type)), None)
                if target is not None:
                    yield self.place_link(Relation.PART_OF, i, target, "heading", 0.8)
                if head:
                    break

    def heads_above(self, i: int) -> Iterator[list[int]]:
        """The factors stated by each heading or list lead-in above a factor, innermost first."""
        section = self.section_of[i]
        while section is not None:
            stated = self.stated_by.get(section, [])
            if stated and i not in stated:
                yield stated
            elif self.structure.sections[section].kind == "item" and (lead := self.list_lead(section)):
                yield lead
            section = self.structure.sections[section].parent

    def list_lead(self, section: int) -> list[int]:
        """The last barrier of the sentence before a running list (…存在三方面问题：一是…)."""
        parent = self.structure.sections[section].parent
        first = self.structure.sections[section]
        for earlier in reversed(self.structure.sections[:section]):
            if earlier.kind != "item" or earlier.parent != parent or not self.same_list(earlier.start, section):
                break
            first = earlier
        at = bisect_right(self.starts, first.start) - 1
        before = at - 1 if self.starts[at] == first.start else at
        if before < 0 or self.paragraph(before) != self.paragraph(at):
            return []
        found = [i for i in self.in_sentence.get(before, ()) if self.factors[i].span.end <= first.start]
        return found[-1:] if found and self.factors[found[-1]].type.is_barrier else []

    def same_list(self, start: int, section: int) -> bool:
        """Whether an item that starts at this offset stands in the same paragraph as the section's own item."""
        return self.paragraph_at(start) == self.paragraph_at(self.structure.sections[section].start)

    # --- addresses ----------------------------------------------------------------------------------------------------

    def answers_nearby(self) -> Iterator[Link]:
        """A remedy inside a section on a problem answers that problem, and after 因此 or 对此 what was said just before."""
        for i, factor in enumerate(self.factors):
            if factor.type is not FactorType.REMEDY or i in self.headings:
                continue
            for stated in self.heads_above(i):
                target = next((h for h in stated if self.factors[h].type.is_barrier), None)
                if target is not None:
                    yield self.place_link(Relation.ADDRESSES, i, target, "in its section", 0.75)
                break
            sentence = self.sentence_of[i]
            # Only the remedy right behind 因此 surely answers what stood before; further ones of its sentence have other matters.
            joined = i > 0 and self.sentence_of[i - 1] == sentence
            opening = self.gap(i - 1 if joined else None, i, sentence)
            for target in self.on_same_topic(i, self.in_section(i)):
                yield self.place_link(Relation.ADDRESSES, i, target, "same topic nearby", 0.55, inferred=True)
            cue = next((w for w in _THEREFORE if w in opening), None)
            if cue:
                for target in self.first_barrier(i):
                    yield self.place_link(Relation.ADDRESSES, i, target, "therefore", 0.7, cue)

    def in_section(self, i: int) -> list[int]:
        """Barriers stated before a factor in its own section, the heading's left out."""
        inside = self.barriers_in[self.section_of[i]]
        return inside[: bisect_right(inside, i)]

    def on_same_topic(self, i: int, barriers: list[int]) -> list[int]:
        """The barriers that speak of the same things as a factor."""
        return [b for b in barriers if self.topics.similarity(self.factors[b].span, self.factors[i].span) >= _ALIKE]

    def first_barrier(self, i: int) -> list[int]:
        """The first barrier stated before a factor in its paragraph: what a paragraph is about stands at its head."""
        paragraph = self.paragraph(self.sentence_of[i])
        before = (b for b in range(i) if self.paragraph(self.sentence_of[b]) == paragraph)
        return [b for b in before if self.factors[b].type.is_barrier][:1]

    def answers_by_topic(self) -> Iterator[Link]:
        """A remedy in a section of its own answers the barrier, named before, that speaks of the same things."""
        index = self.topics.index()
        parts_seen: set[int | None] = set()  # top-level sections that have stated a barrier so far
        for i, factor in enumerate(self.factors):
            part = self.outermost(i)
            if factor.type.is_barrier:
                index.add(i, factor.span)
                parts_seen.add(part)
            if factor.type is not FactorType.REMEDY or self.role_of[i] == "problem":
                continue
            alike = index.alike(factor.span, _ALIKE)
            if parts_seen - {part}:
                alike = [(score, b) for score, b in alike if self.outermost(b) != part]
            for score, target in alike[:1]:
                confidence = round(min(0.8, 0.3 + 0.6 * score), 2)
                yield self.place_link(Relation.ADDRESSES, i, target, "same topic", confidence, inferred=True)

    def outermost(self, i: int) -> int | None:
        """The top-level section of a factor."""
        section = self.section_of[i]
        while section is not None and (parent := self.structure.sections[section].parent) is not None:
            section = parent
        return section

    # --- places -------------------------------------------------------------------------------------------------------

    def quote(self, i: int) -> str:
        """The words of a factor."""
        return self.text[self.factors[i].span.start : self.factors[i].span.end]

    def gap(self, first: int | None, second: int, sentence: int) -> str:
        """The text between two factors, or between the sentence's start and a factor."""
        start = self.factors[first].span.end if first is not None else self.structure.sentences[sentence].start
        return self.text[start : self.factors[second].span.start]

    def paragraph(self, sentence: int) -> int:
        """The paragraph of a sentence."""
        return self.structure.sentences[sentence].paragraph

    def paragraph_at(self, offset: int) -> int:
        """The paragraph at a text offset."""
        return bisect_right(self.paragraph_starts, offset) - 1

    def link(
        self, relation: Relation, source: int, target: int, rule: LinkRule, gap: str, *, inferred: bool = False
    ) -> Link:
        """A link that a rule of the lexicon found in a gap."""
        match = rule.pattern.search(gap)
        return self._link(
            relation,
            source,
            target,
            rule.name,
            rule.confidence - (0.15 if inferred else 0),
            match.group() if match else "",
            inferred,
        )

    def place_link(
        self,
        relation: Relation,
        source: int,
        target: int,
        method: str,
        confidence: float,
        cue: str = "",
        *,
        inferred: bool = False,
    ) -> Link:
        """A link that the document's layout or topics suggest."""
        return self._link(relation, source, target, method, confidence, cue, inferred)

    def _link(
        self, relation: Relation, source: int, target: int, method: str, confidence: float, cue: str, inferred: bool
    ) -> Link:
        spans = self.factors[source].span, self.factors[target].span
        one = self.sentence_of[source] == self.sentence_of[target]
        evidence = (around(*spans),) if one else tuple(sorted(spans))
        modality = joint_modality(self.factors[source], self.factors[target])
        return Link(
            relation, source, target, evidence, cue, f"rules/{method}", round(confidence, 2), modality, False, inferred
        )


_REACHING = ("由于", "因为", "鉴于")
_THEREFORE = ("因此", "对此", "所以", "对这些", "对上述", "这些问题", "上述问题", "适应这一", "针对这")
_ALIKE = 0.3  # cosine over weighted words above which two factors speak of the same things


def _first(rules: Iterable[LinkRule], text: str) -> LinkRule | None:
    return next((rule for rule in rules if rule.pattern.search(text)), None)


def _denied(gap: str) -> bool:
    return any(word in gap for word in ("并非", "并不是", "不是因为", "不在于"))


def _opens_alike(first: str, second: str, rule: LinkRule) -> bool:
    """Whether both are consequences without a subject of their own: 无法甲，难以乙 follow from one thing, not from each other."""
    a, b = rule.pattern.search(first), rule.pattern.search(second)
    return bool(a and b and a.start() == b.start() == 0)


def _same_side(part: FactorType, whole: FactorType) -> bool:
    if whole.is_barrier:
        return part.is_barrier
    if whole.is_strategy:
        return part.is_strategy or part is FactorType.ACHIEVEMENT
    return part is FactorType.ACHIEVEMENT
