"""Decisions applied to a graph: one that was read anew, from the same documents or later versions of them."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Final

from rdflib import RDF, Graph, URIRef

from ftzgraph.causalmap import Span
from ftzgraph.comparison.matching import solid
from ftzgraph.knowledge.vocabulary import FTZ, RELATIONS, compact, label, new_graph
from ftzgraph.plain import harmless
from ftzgraph.review.anchors import Place, Stretch
from ftzgraph.review.book import Book, Reason
from ftzgraph.review.decisions import ConceptClaim, Decision, FactorClaim, LinkClaim, Verdict, current, places
from ftzgraph.review.editing import Editor
from ftzgraph.review.regrouping import Groups

STALE: Final = "stale.csv"
"""The table of the decisions that could not be applied, beside the outputs."""


@dataclass(frozen=True)
class Stale:
    """A decision that could not be applied, and why."""

    decision: Decision
    reason: Reason


@dataclass(frozen=True)
class Replayed:
    """What decisions made of a graph.

    Attributes:
        graph: the corrected graph.
        applied: how many decisions it follows.
        stale: those that it could not follow, in their order.
        dropped: IRIs of links that nobody decided about and that had to go, for a corrected type does not allow them.
    """

    graph: Graph
    applied: int
    stale: tuple[Stale, ...]
    dropped: tuple[str, ...]

    @property
    def factors(self) -> int:
        """How many factors the graph has."""
        return sum(1 for _ in self.graph.subjects(RDF.type, FTZ.Factor))

    @property
    def links(self) -> int:
        """How many links the graph has."""
        return sum(1 for _ in self.graph.subjects(RDF.type, FTZ.Link))


def replay(graph: Graph, decisions: Iterable[Decision]) -> Replayed:
    """Apply decisions to a graph.

    What a reviewer accepted or corrected stands in the result even where the reader did not find it this time; what was rejected
    does not. Of a graph without concepts nothing is told about them.

    Args:
        graph: any ftzgraph graph, which is left as it is.
        decisions: all that were made; those that were replaced are passed over.

    Returns:
        A new graph; it conforms where the given one does.

    Raises:
        GraphError: the graph holds neither document nor factor, or lacks something essential.
    """
    return _Replay(graph).all(current(decisions))


def stale_table(stale: Iterable[Stale], lang: str = "zh") -> bytes:
    """Write decisions that could not be applied as a table for a spreadsheet, which must not take a text for a formula."""
    table = StringIO()
    writer = csv.writer(table)
    columns = (
        ("decision", "document", "quote", "verdict", "reason", "author", "date", "note")
        if lang == "en"
        else ("决定", "文件", "引文", "结论", "未能套用的原因", "审阅人", "日期", "备注")
    )
    writer.writerow(columns)
    for each in stale:
        decision, place = each.decision, each.decision.place
        verdict = label(FTZ[decision.verdict.value], lang)
        told = (compact(URIRef(decision.iri)), place.home.file_name, place.quote, verdict, each.reason.text(lang))
        writer.writerow(map(harmless, (*told, decision.author, decision.date, decision.note)))
    return table.getvalue().encode("utf-8-sig", "replace")


class _StaleError(Exception):
    """A decision cannot be applied."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class _Replay:
    """A copy of a graph while decisions are applied to it."""

    def __init__(self, graph: Graph) -> None:
        self.graph = new_graph()
        for triple in graph:
            self.graph.add(triple)
        self.book = Book(graph)
        self.editor = Editor(self.graph)
        self.groups = Groups(self.graph)
        # Where the factors stand now, by document.
        self.spans: dict[str, dict[str, Span | None]] = {}
        self.homes: dict[str, str] = {}
        self.were: dict[tuple[str, Span], str] = {}  # and where those stood that decisions moved
        self.settled: set[str] = set()  # factors that somebody decided about
        for record in self.book.factors.values():
            self._stands(record.iri, record.document, self.book.span(record))
        self.decided: dict[str, Decision] = {}  # links that somebody decided about
        self.doubtful: set[str] = set()  # links that may not hold any more

    def all(self, decisions: list[Decision]) -> Replayed:
        self.settled.update(self._about(decisions))
        stale: dict[Decision, Reason] = {}
        for decision in decisions:
            try:
                self.apply(decision)
            except _StaleError as error:
                stale[decision] = error.reason
        dropped = []
        for link in sorted(self.doubtful):
            if (URIRef(link), RDF.type, FTZ.Link) not in self.graph:
                if link in self.decided:  # and then an end of it was rejected
                    stale[self.decided[link]] = Reason.END
            elif not self.editor.may_hold(link):
                self.editor.remove_link(link)
                if link in self.decided:
                    stale[self.decided[link]] = Reason.TYPES
                else:
                    dropped.append(link)
        self.groups.settle()
        told = tuple(Stale(each, stale[each]) for each in decisions if each in stale)
        return Replayed(self.graph, len(decisions) - len(told), told, tuple(dropped))

    def apply(self, decision: Decision) -> None:
        claim, outcome, rejected = decision.claim, decision.outcome, decision.verdict == Verdict.REJECTED
        if isinstance(claim, FactorClaim) and isinstance(outcome, FactorClaim):
            self.factor(decision.target, claim, None if rejected else outcome)
        elif isinstance(claim, LinkClaim) and isinstance(outcome, LinkClaim):
            link = self.link(decision.target, claim, None if rejected else outcome)
            if link:
                self.decided[link] = decision
                self.doubtful.add(link)
        elif isinstance(claim, ConceptClaim) and isinstance(outcome, ConceptClaim) and self.groups:
            self.concept(claim, None if rejected else outcome)

    def factor(self, target: str, claim: FactorClaim, outcome: FactorClaim | None) -> None:
        """Remove a factor, or make it say what was decided."""
        iri: str | None = target
        if target not in self.homes:
            found = self._find(claim.place)
            iri = self._at(found)
            if outcome and iri is None:
                iri = self._at(self._find(outcome.place)) or self._across(found)
        if outcome is None:
            if iri is not None:
                self.editor.remove_factor(iri)
                del self.spans[self.homes.pop(iri)][iri]
                self.were = {place: factor for place, factor in self.were.items() if factor != iri}
            return
        stretch = self._find(outcome.place) if iri is None or not self._says(iri, outcome.place.quote) else None
        if iri is None and stretch:
            iri = self.editor.new_iri(stretch.document, "factor", *stretch.offsets)
        assert iri is not None
        self.editor.write_factor(iri, outcome, stretch)
        before = self.book.find(claim.place)
        if isinstance(before, Stretch):
            self.were[before.document, before.span] = iri
        if stretch:
            self._stands(iri, stretch.document, stretch.span)
        self.doubtful.update(self.editor.links_of(iri))

    def link(self, target: str, claim: LinkClaim, outcome: LinkClaim | None) -> str | None:
        """Remove a link, or make it say what was decided; return its IRI."""
        iri = target if (URIRef(target), RDF.type, FTZ.Link) in self.graph else None
        found = [self.book.find(place) for place in (claim.source, claim.target)]
        first, second = (self._at(each) if isinstance(each, Stretch) else None for each in found)
        if iri and (first is None or second is None):  # of a graph without the text
            first, second = self.editor.ends(iri)
        if first is None or second is None:
            for each in found:
                if isinstance(each, Reason):
                    raise _StaleError(each)
            if outcome:
                raise _StaleError(Reason.END)
            return None
        if outcome is None:
            for link in self.editor.links_between(first, RELATIONS[claim.relation], second):
                self.decided.pop(link, None)
            self.editor.remove_relation(first, RELATIONS[claim.relation], second)
            return None
        source, end = (second, first) if outcome.source == claim.target else (first, second)
        for one, relation, other in ((first, claim.relation, second), (source, outcome.relation, end)):
            iri = iri or next(iter(self.editor.links_between(one, RELATIONS[relation], other)), None)
        if iri is None:
            iri = self.editor.new_iri(self.homes[source], outcome.relation, *self._offsets(source), *self._offsets(end))
        self.editor.write_link(iri, outcome, source, end)
        return iri

    def concept(self, claim: ConceptClaim, outcome: ConceptClaim | None) -> None:
        """Put a factor into the concept of another one, or take it out."""
        factor, member = (self._at(self._find(place)) for place in (claim.place, (outcome or claim).other))
        if factor is None or member is None:
            raise _StaleError(Reason.CONCEPT)
        if outcome:
            self.groups.join(factor, member)
        else:
            self.groups.part(factor, member)

    def _stands(self, factor: str, document: str, span: Span | None) -> None:
        self.homes[factor] = document
        self.spans.setdefault(document, {})[factor] = span

    def _find(self, place: Place) -> Stretch:
        found = self.book.find(place)
        if isinstance(found, Reason):
            raise _StaleError(found)
        return found

    def _at(self, stretch: Stretch) -> str | None:
        """The factor that stands exactly there, or stood there before it was corrected."""
        spans = self.spans.get(stretch.document, {})
        moved = self.were.get((stretch.document, stretch.span))
        return min((factor for factor, span in spans.items() if span == stretch.span), default=moved)

    def _across(self, stretch: Stretch) -> str | None:
        """The factor that the reader now marks there instead: one that nobody decided about, and mostly the same."""
        found = []
        for factor, span in self.spans.get(stretch.document, {}).items():
            if span and factor not in self.settled:
                shared = min(span.end, stretch.span.end) - max(span.start, stretch.span.start)
                if 2 * shared > min(span.end - span.start, stretch.span.end - stretch.span.start):
                    found.append((-shared, factor))
        return min(found)[1] if found else None

    def _says(self, factor: str, quote: str) -> bool:
        """Whether these are the words of a factor."""
        document = self.homes[factor]
        span = self.spans[document][factor]
        if span is None:
            return solid(self.book.factors[factor].quote) == solid(quote)
        return self.book.text(document).solid[span.start : span.end] == solid(quote)

    def _offsets(self, factor: str) -> tuple[int, ...]:
        span = self.spans[self.homes[factor]][factor]
        return self.book.text(self.homes[factor]).stretch(self.homes[factor], span).offsets if span else ()

    def _about(self, decisions: Iterable[Decision]) -> Iterator[str]:
        """The factors that decisions are about."""
        for decision in decisions:
            if isinstance(decision.claim, FactorClaim):
                yield decision.target
                for place in (*places(decision.claim), *places(decision.outcome)):
                    found = self.book.find(place)
                    factor = None if isinstance(found, Reason) else self._at(found)
                    if factor:
                        yield factor
