"""spaCy component that cuts sentences into clauses: the units that may be factors, freed of the words around them.

A clause ends at 。；！？ and at a comma; a stretch that waits for its predicate (对停产的企业，…) joins the next one. Connectives,
modals and enumerators at its head are stripped and remembered as leads: they say how the clause hangs together with its neighbours.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace

from spacy.language import Language
from spacy.tokens import Doc

from ftzgraph.causalmap import Span
from ftzgraph.extraction.lexicon import Frame, Lexicon, lexicon
from ftzgraph.extraction.structure import Role
from ftzgraph.extraction.words import Word, span_of

Doc.set_extension("clauses", default=(), force=True)


@dataclass(frozen=True)
class Lead:
    """A stripped word and what it says of its clause (``cause``, ``contrast``, ``demanded``, …)."""

    says: str
    text: str


@dataclass(frozen=True)
class Clause:
    """A unit that may be a factor.

    Attributes:
        span: text offsets, leads and final punctuation left out.
        sentence: index into the structure's sentences.
        leads: what was stripped off its head, in order.
        role: what the text around it is about.
        frame: the construction whose slot it fills, ``None`` for an ordinary clause.
        core: text offset where the predicate's own stretch begins, behind a joined subject or topic.
        closes: the punctuation behind it, ``""`` at a cut inside the clause.
        heading: it stands in a heading.
    """

    span: Span
    sentence: int
    leads: tuple[Lead, ...]
    role: Role
    core: int
    frame: Frame | None = None
    closes: str = ""
    heading: bool = False

    def says(self, what: str) -> bool:
        """Whether one of its leads says so."""
        return any(lead.says == what for lead in self.leads)


@Language.factory("ftz_clauses", requires=["doc._.structure", "doc._.words"], assigns=["doc._.clauses"])
def create_clauses(nlp: Language, name: str) -> "ClauseCutter":
    """Create the component that cuts clauses."""
    return ClauseCutter()


class ClauseCutter:
    """spaCy component: sets ``doc._.clauses`` (tuple of :class:`Clause`) and ``doc.spans["clauses"]``."""

    def __call__(self, doc: Doc) -> Doc:
        """Cut the clauses of one document."""
        cutter = _Cutter(doc.text, doc._.words, lexicon())
        structure = doc._.structure
        titles = {s.title_start: s.title_end for s in structure.sections if s.kind == "heading"}
        starts = [role.start for role in doc._.roles]
        clauses: list[Clause] = []
        for index, sentence in enumerate(structure.sentences):
            section = structure.sections[sentence.section] if sentence.section is not None else None
            begins_section = section is not None and section.start == sentence.start
            start = section.title_start if section is not None and begins_section else sentence.start
            for clause in cutter.cut(start, sentence.end, index, doc._.roles[bisect_right(starts, start) - 1]):
                role = doc._.roles[max(0, bisect_right(starts, clause.span.start) - 1)]
                clauses.append(replace(clause, role=role, heading=begins_section and start in titles))
        doc._.clauses = tuple(clauses)
        doc.spans["clauses"] = [span_of(doc, c.span.start, c.span.end) for c in clauses]
        return doc


class _Cutter:
    """Cuts one text; holds where words end and which leads the lexicon knows."""

    def __init__(self, text: str, words: tuple[Word, ...], lex: Lexicon) -> None:
        self.text, self.words, self.lex = text, words, lex
        self.starts = [word.start for word in words]
        self.ends = frozenset(word.end for word in words)
        self.boundaries = self.ends | frozenset(self.starts[:1])
        self.longest = max(map(len, lex.leads))

    def cut(self, start: int, end: int, sentence: int, role: Role) -> Iterator[Clause]:
        """Yield the clauses between two text offsets of one sentence."""
        pending: int | None = None  # start of a dangling stretch that joins the next clause
        held: tuple[Lead, ...] = ()  # leads of what is left out or joined: they speak for the next clause
        for segment_start, segment_end, mark in self.segments(start, end):
            for frame, inner_start, inner_end in self.pieces(segment_start, segment_end):
                at, leads = self.strip(inner_start, inner_end, held)
                span = self.trim(at, inner_end)
                before, held = held, held + leads
                if span is None:
                    continue
                closes = mark if inner_end == segment_end else ""
                if frame:
                    yield Clause(span, sentence, held, role, span.start, frame, closes)
                    held = ()
                    continue
                content = self.text[span.start : span.end]
                demanded = any(lead.says in _MODALITIES for lead in leads)
                nothing = _any(self.lex.empty, content) or (not demanded and _any(self.lex.stages, content))
                if mark in ("？", "?") or nothing:
                    pending = None
                    continue
                if pending is None and _any(self.lex.adverbials, content):
                    continue
                if pending is not None and takes_a_subject(leads, content):
                    subject = Span(pending, self.end_before(span.start, pending))
                    yield Clause(subject, sentence, before, role, pending, None, "，")
                    pending, held = None, leads
                if demanded:
                    pending = None  # 对条件成熟的地区，可以考虑…: the topic of a demand stays outside
                if closes in ("，", ",") and self.dangles(content, leads):
                    pending = span.start if pending is None else pending
                    continue
                whole = span if pending is None else Span(pending, span.end)
                yield Clause(whole, sentence, held, role, span.start, None, mark)
                pending, held = None, ()

    def segments(self, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """Yield (start, end, closing mark) of the stretches between commas and stops; brackets and short quotes are kept whole."""
        at = skip = start
        for i in range(start, end):
            char = self.text[i]
            if i < skip:
                continue
            if char in _BRACKETS:
                partner = self.text.find(_BRACKETS[char], i, end)
                if partner > 0 and (char in "（(《〈[【" or partner - i <= _SHORT_QUOTE):
                    skip = partner + 1
                continue
            between_digits = i + 1 < end and self.text[i - 1].isdigit() and self.text[i + 1].isdigit()
            joined = char in "，," and _JOINERS.match(self.text, i + 1)
            if char in _BREAKS and not (char in ",:：" and between_digits) and not joined:
                if i > at:
                    yield at, i, char
                at = i + 1
        if end > at:
            yield at, end, ""

    def pieces(self, start: int, end: int) -> Iterator[tuple[Frame | None, int, int]]:
        """Yield (frame, start, end) of what a stretch without commas holds: slots of frames, and the rest cut where it turns."""
        for frame in self.lex.frames:
            match = frame.pattern.search(self.text, start, end + _BEYOND)
            if match and match.end("factor") <= end and match.start() in self.boundaries:
                slot_start, slot_end = match.span("factor")
                if match.start() > start:
                    yield from self.pieces(start, match.start())
                yield frame, slot_start, slot_end
                if match.end() < end:
                    yield from self.pieces(match.end(), end)
                return
        for modal in _MODAL.finditer(self.text, start + 2, end - 3):
            if modal.start() in self.boundaries and modal.end() in self.boundaries:
                rest = self.text[modal.end() : end]
                if not _RELATIVE.match(rest) and (self.lex.acts(rest) or _SETTING.match(rest)):
                    yield None, modal.start(), end
                    return
        for pattern, before, behind in ((_TURN, 6, 4), (_CAUSAL_VERB, 3, 3)):
            turn = pattern.search(self.text, start + before, end)
            relative = turn and _ATTRIBUTE.match(self.text, turn.end(), end)
            if turn and not relative and turn.start() in self.boundaries and turn.end() + behind <= end:
                yield None, start, turn.start()
                yield None, turn.start(), end
                return
        yield None, start, end

    def dangles(self, content: str, leads: tuple[Lead, ...]) -> bool:
        """Whether a stretch before a comma needs what follows it: a topic, a manner, or a subject without its verb."""
        waits = not any(lead.says in ("cause", "conditional") for lead in leads)
        return waits and _any(self.lex.dangling, content)

    def strip(self, start: int, end: int, held: tuple[Lead, ...] = ()) -> tuple[int, tuple[Lead, ...]]:
        """Strip leads off the head, again and again, longest first; a lead must end where a word ends."""
        leads: list[Lead] = []
        while start < end:
            explains = _last_says((*held, *leads), "cause") and self.text[start] == "是"  # 究其原因，是…
            if self.text[start] in _PADDING or explains:
                start += 1
                continue
            phrase = next(((m, says) for p, says in self.lex.phrases if (m := p.match(self.text, start, end))), None)
            if phrase and phrase[0].end() in self.ends:
                leads.append(Lead(phrase[1], phrase[0].group()))
                start = phrase[0].end()
                continue
            for length in range(min(self.longest, end - start), 0, -1):
                word = self.text[start : start + length]
                relative = self.lex.leads.get(word) in _MODALITIES and _RELATIVE.match(self.text, start + length, end)
                moves = word == "将" and self.lex.acts(self.text[start:end])  # 将甲纳入乙 is 把, not the future
                if word in self.lex.leads and start + length in self.ends and not relative and not moves:
                    leads.append(Lead(self.lex.leads[word], word))
                    start += length
                    break
            else:
                break
        return start, tuple(leads)

    def trim(self, start: int, end: int) -> Span | None:
        """Drop white space, punctuation and quotes that do not pair from both ends; ``None`` when too little is left."""
        while start < end and self.text[start] in _PADDING:
            start += 1
        while start < end and self.text[end - 1] in _PADDING:
            end -= 1
        content = self.text[start:end]
        if content and content[0] in _QUOTES and content.count(_QUOTES[content[0]]) == 0:
            start += 1
        if content and content[-1] in _QUOTES.values() and not any(q in content[:-1] for q in _QUOTES):
            end -= 1
        return Span(start, end) if end - start >= _SHORTEST else None

    def end_before(self, end: int, start: int) -> int:
        """Where what stands before an offset ends, the comma and leads between them left out."""
        stop = max(self.text.rfind(mark, start, end) for mark in "，,")
        return stop if stop > start else end


_BRACKETS = {
    "（": "）",
    "(": ")",
    "《": "》",
    "〈": "〉",
    "“": "”",
    "‘": "’",
    "「": "」",
    "『": "』",
    "【": "】",
    "[": "]",
}
_QUOTES = {"“": "”", "‘": "’", "「": "」", "『": "』"}
_SHORT_QUOTE = 24  # a quotation up to this many characters is a phrase; a longer one holds clauses of its own
_JOINERS = re.compile("以及|及(?![时早至])|特别是|尤其是")  # what follows them is a further object of the same verb
_SHORTEST = 4  # characters: 管护不力
_BEYOND = 30  # characters behind a stretch that a frame may look at: what was done for a selfish purpose
_BREAKS = frozenset("，；：。！？,;!?:…—")
_PADDING = frozenset(" \t\n　，。；：、！？,;:…—")
_CAUSAL_VERB = re.compile(
    "(?:容易|往往|直接|必然|最终|极易|会|已)?(?:导致|造成|致使|使得|引发|诱发)(?!的|原因|因素)了?|(?<=等)(?:无法|难以|不能)"
)
_MODALITIES = frozenset({"demanded", "permitted"})
# 自贸区建设要树立…: the modal parts a subject, which a reader supplies, from the action that is demanded.
_MODAL = re.compile(
    "(?:还|也|就|仍|都|均)?(?:应当|应该|应|必须|务必|需要|须|要|可以考虑|可考虑)(?:有利于|继续|进一步)?"
)
_SETTING = re.compile("(?:根据|按照|依据|结合|围绕|针对|立足|坚持|通过|继续|本着)")
_TURN = re.compile("但是|然而")
# 对履职不力造成损失的要追责: the verb belongs to a relative clause.
_ATTRIBUTE = re.compile("[^，。；]{2,20}的(?:$|一律|依法|从严|予以|给予|可以|应当|必须|要|应|须|将|可)")
_RELATIVE = re.compile("[\u4e00-\u9fff]{2}的")  # 需要解决的…: a relative clause demands nothing


def _any(patterns: tuple[re.Pattern[str], ...], text: str) -> bool:
    return any(pattern.search(text) for pattern in patterns)


def _last_says(leads: tuple[Lead, ...], what: str) -> bool:
    return bool(leads) and leads[-1].says == what


def takes_a_subject(leads: tuple[Lead, ...], content: str) -> bool:
    """Whether a clause says what its forerunner brings about (，会促使…, ，必将给…带来…), so that that one is a statement too."""
    return any(lead.says == "effect" for lead in leads) or bool(
        re.match("[给对使令让][^，]{2,30}(?:带来|造成|构成|形成)", content)
    )
