"""The rows of the review sheet, made of a graph, and the decisions that filled-in rows tell."""

from collections import defaultdict
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

from rdflib import RDF, SKOS, Graph, URIRef

from ftzgraph.analysis.records import FactorRecord, LinkRecord
from ftzgraph.causalmap import FactorType, Modality, Relation
from ftzgraph.comparison.matching import solid
from ftzgraph.concepts.statements import side_of
from ftzgraph.knowledge.vocabulary import FACTOR_TYPES, FTZ, RELATIONS, compact, label
from ftzgraph.review import sheet
from ftzgraph.review.book import Book
from ftzgraph.review.decisions import Claim, ConceptClaim, Decision, FactorClaim, LinkClaim, Verdict, record
from ftzgraph.review.replay import replay
from ftzgraph.review.sheet import Cell, Column, Record

_VERDICTS: Final[dict[Verdict, tuple[str, str]]] = {
    Verdict.ACCEPTED: ("接受", "accept"),
    Verdict.REJECTED: ("拒绝", "reject"),
    Verdict.CORRECTED: ("修改", "correct"),
    Verdict.MERGED: ("合并", "merge"),
}
_KINDS: Final = {"factor": ("要素", "factor"), "link": ("联系", "link"), "concept": ("概念", "concept")}
_REVERSE: Final = ("反向", "reverse")
_NAMES: Final[dict[StrEnum, tuple[str, str]]] = {
    choice: (label(term, "zh"), label(term, "en")) for choice, term in (*FACTOR_TYPES.items(), *RELATIONS.items())
}

COLUMNS: Final[dict[str, Column]] = {
    "id": Column("编号", "id", 22),
    "kind": Column("种类", "kind", 8),
    "document": Column("文件", "document", 18),
    "type": Column("类型", "type", 12),
    "quote": Column("引文", "quote", 40),
    "target": Column("指向", "target", 40),
    "sentence": Column("所在句子", "sentence", 60),
    "denied": Column("否定", "denied", 8),
    "confidence": Column("置信度", "confidence", 10),
    "start": Column("起点", "start", 9),
    "end": Column("终点", "end", 9),
    "concept": Column("概念号", "concept number", 10),
    "decision": Column("决定", "decision", 12, True, tuple(_VERDICTS.values())),
    "new_type": Column("改为类型", "new type", 14, True, (*_NAMES.values(), _REVERSE)),
    "new_quote": Column("改为引文", "new quote", 40, True),
    "merge_into": Column("并入概念", "merge into", 14, True),
    "note": Column("备注", "note", 30, True),
}
"""The columns of the sheet. ``target`` is the other end of a link, or what a concept is called."""


def export(graph: Graph, path: Path, lang: str = "zh") -> bytes:
    """Return the review sheet of a graph: a row for each factor, each link and, where there are concepts, each factor's concept.

    Args:
        graph: RDF in the shape of the ontology.
        path: where the sheet is to stand: ``.xlsx`` or ``.csv``.
        lang: its language, ``"zh"`` or ``"en"``.

    Raises:
        GraphError: the graph holds neither document nor factor, or lacks something essential.
        ReviewError: the path has another suffix, or openpyxl is not installed.
    """
    return sheet.write(path, COLUMNS, _Desk(graph).rows(lang), lang)


def decide(graph: Graph, path: Path, author: str, date: str) -> list[Decision]:
    """Read the decisions of a sheet that a reviewer has filled in.

    Args:
        graph: the graph that the sheet was made of.
        path: the sheet.
        author: the reviewer's name.
        date: of the decisions, as ISO 8601 writes days.

    Returns:
        The decisions in the order of the rows; a row without one is passed over.

    Raises:
        ReviewError: the sheet cannot be read, or a cell cannot be used; the message names row and column.
        GraphError: the graph holds neither document nor factor, or lacks something essential.
    """
    desk = _Desk(graph)
    found: dict[str, Decision] = {}
    places: dict[str, str] = {}
    for row in sheet.read(path, COLUMNS, ("id", "decision")):
        decision = desk.decision(row, author, date)
        if decision:
            if decision.target in found:
                raise _fault(row, "id", f"row {places[decision.target].rpartition(' ')[2]} decides about it already")
            found[decision.target], places[decision.target] = decision, row[0]
    for stale in replay(graph, record([], found.values())).stale:
        raise sheet.fault(places[stale.decision.target], COLUMNS["decision"], stale.reason.text("en"))
    return list(found.values())


class _Desk:
    """A graph as rows to decide about."""

    def __init__(self, graph: Graph) -> None:
        self._book = book = Book(graph)
        self._links = {_link_iri(link, book): link for link in book.links}
        expressed = {str(factor): str(concept) for factor, concept in graph.subject_objects(FTZ.expresses)}
        self._concept = {factor: expressed[factor] for factor in book.factors if factor in expressed}
        self._members: defaultdict[str, list[str]] = defaultdict(list)
        for factor, concept in self._concept.items():
            self._members[concept].append(factor)
        self._names = {each: str(graph.value(URIRef(each), SKOS.prefLabel) or "") for each in self._members}
        self._numbers = {concept: number for number, concept in enumerate(self._members, 1)}
        self._matches = {
            str(graph.value(match, RDF.subject)): str(match)
            for match in sorted(graph.subjects(RDF.predicate, FTZ.expresses), key=str)
            if (match, RDF.type, FTZ.Match) in graph
        }
        self._sure = {match: str(graph.value(URIRef(match), FTZ.confidence) or "") for match in self._matches.values()}

    def rows(self, lang: str) -> list[dict[str, Cell]]:
        """One row for each factor, link and factor's concept, in document order."""
        english = lang == "en"
        found: list[dict[str, Cell]] = []
        for factor in self._book.factors.values():
            told: dict[str, Cell] = {
                "kind": _KINDS["factor"][english],
                "type": _NAMES[FactorType(factor.type)][english],
                **self._about(factor, lang),
            }
            concept = self._concept.get(factor.iri)
            number: dict[str, Cell] = {"concept": self._numbers[concept]} if concept else {}
            found.append({"id": factor.iri, **told, "confidence": factor.confidence, **number})
        for iri, link in self._links.items():
            source, target = self._book.factors[link.source], self._book.factors[link.target]
            told = self._about(source, lang) | {"target": target.quote, "denied": _denied(link, lang)}
            kind = {"kind": _KINDS["link"][english], "type": _NAMES[Relation(link.relation)][english]}
            found.append({"id": iri, **told, **kind, "confidence": link.confidence})
        for iri, concept in self._concept.items():
            if iri in self._matches:
                match = self._matches[iri]
                told = self._about(self._book.factors[iri], lang)
                told |= {"kind": _KINDS["concept"][english], "type": label(FTZ.expresses, lang)}
                told |= {"target": self._names[concept], "concept": self._numbers[concept]}
                sure: dict[str, Cell] = {"confidence": float(self._sure[match])} if self._sure[match] else {}
                found.append({"id": match, **told, **sure})
        return [row | {"id": compact(URIRef(str(row["id"])))} for row in found]

    def decision(self, record: Record, author: str, date: str) -> Decision | None:
        """The decision that a row tells, ``None`` when it tells none."""
        cells = record[1]
        given = {key for key in ("new_type", "new_quote", "merge_into") if cells.get(key)}
        if not cells.get("decision"):
            if given:
                raise _fault(record, "decision", f"it is empty, and yet there is a {COLUMNS[min(given)].en}")
            return None
        verdict = _choice(record, "decision", _VERDICTS)
        targets = {compact(URIRef(iri)): iri for iri in (*self._book.factors, *self._links, *self._matches.values())}
        iri = targets.get(cells.get("id", ""))
        if iri is None:
            raise _fault(record, "id", f"the graph has no factor, link or match {cells.get('id') or 'without a name'}")
        allowed: dict[Verdict, set[str]] = {Verdict.CORRECTED: {"new_type"}, Verdict.MERGED: {"merge_into"}}
        if iri in self._book.factors:
            allowed[Verdict.CORRECTED].add("new_quote")
        for key in sorted(given - allowed.get(verdict, set())):
            raise _fault(record, key, f"it does not go with the decision {_VERDICTS[verdict][1]} here")
        if iri in self._book.factors:
            claim, instead = self._factor(record, iri, verdict)
        elif iri in self._links:
            claim, instead = self._link(record, iri, verdict)
        else:
            claim, instead = self._expressed(record, iri, verdict)
        return Decision(iri, verdict, claim, instead, author, date, cells.get("note", ""))

    def _factor(self, record: Record, iri: str, verdict: Verdict) -> tuple[Claim, Claim | None]:
        factor = self._book.factors[iri]
        place, kind = self._book.place(factor), FactorType(factor.type)
        modality, negated = Modality(factor.modality), factor.negated
        claim = FactorClaim(place, kind, modality, negated)
        if verdict == Verdict.MERGED:
            raise _fault(record, "decision", "only the concept of a factor can be merged, in the row of kind concept")
        if verdict != Verdict.CORRECTED:
            return claim, None
        quote = record[1].get("new_quote", "")
        if quote and solid(quote) != solid(factor.quote):
            other = self._book.quoted(factor, quote)
            if other is None:
                raise _fault(record, "new_quote", "it does not stand word for word in the document")
            place = other
        if record[1].get("new_type"):
            kind = _choice(record, "new_type", {each: _NAMES[each] for each in FactorType})
        instead = FactorClaim(place, kind, modality, negated)
        if instead == claim:
            raise _fault(record, "new_type", "a correction needs another type or another quote")
        return claim, instead

    def _link(self, record: Record, iri: str, verdict: Verdict) -> tuple[Claim, Claim | None]:
        link = self._links[iri]
        source, target = (self._book.place(self._book.factors[end]) for end in (link.source, link.target))
        relation, modality = Relation(link.relation), Modality(link.modality)
        claim = LinkClaim(source, relation, target, modality, link.negated)
        if verdict == Verdict.MERGED:
            raise _fault(record, "decision", "only the concept of a factor can be merged, in the row of kind concept")
        if verdict != Verdict.CORRECTED:
            return claim, None
        known: dict[Relation | None, tuple[str, str]] = {**{each: _NAMES[each] for each in Relation}, None: _REVERSE}
        chosen = _choice(record, "new_type", known)
        if chosen == relation:
            raise _fault(record, "new_type", "a correction needs another relation")
        if chosen is None:
            return claim, LinkClaim(target, relation, source, modality, link.negated)
        return claim, LinkClaim(source, chosen, target, modality, link.negated)

    def _expressed(self, record: Record, iri: str, verdict: Verdict) -> tuple[Claim, Claim | None]:
        factor = next(factor for factor, match in self._matches.items() if match == iri)
        place = self._book.place(self._book.factors[factor])
        other = self._standard(self._concept[factor], factor)
        claim = ConceptClaim(place, self._book.place(self._book.factors[other]))
        if verdict == Verdict.CORRECTED:
            raise _fault(record, "decision", "a factor's concept can be accepted, rejected or merged into another one")
        if verdict == Verdict.REJECTED and other == factor:
            raise _fault(record, "decision", "the factor is alone in its concept")
        if verdict != Verdict.MERGED:
            return claim, None
        wanted = record[1].get("merge_into", "")
        known = {str(number): concept for concept, number in self._numbers.items()}
        known |= {compact(URIRef(concept)): concept for concept in self._numbers}
        concept = known.get(wanted)
        if concept is None or concept == self._concept[factor]:
            raise _fault(record, "merge_into", f"{wanted or 'nothing'} is no number or id of another concept")
        member = self._standard(concept, factor)
        if self._side(member) != self._side(factor):
            raise _fault(
                record, "merge_into", f"concept {wanted} is not of the same side: barrier, strategy, achievement"
            )
        return claim, ConceptClaim(place, self._book.place(self._book.factors[member]))

    def _standard(self, concept: str, factor: str) -> str:
        """The member by which a concept is known to a factor: another one, if there is one, that has its name."""
        others = [member for member in self._members[concept] if member != factor]
        named = [member for member in others if self._book.factors[member].quote == self._names[concept]]
        return next(iter((*named, *others)), factor)

    def _side(self, factor: str) -> str:
        return side_of(FactorType(self._book.factors[factor].type))

    def _about(self, factor: FactorRecord, lang: str) -> dict[str, Cell]:
        """What every row tells of the factor that it is about, or begins with."""
        place, span = self._book.place(factor), self._book.span(factor)
        stretch = self._book.text(factor.document).stretch(factor.document, span) if span else None
        return {
            "document": place.home.file_name or place.home.title,
            "quote": factor.quote,
            "sentence": "".join(sentence.text for sentence in stretch.sentences) if stretch else "",
            "denied": _denied(factor, lang),
            "start": place.start,
            "end": place.end,
        }


def _denied(record: FactorRecord | LinkRecord, lang: str) -> str:
    return ("denied" if lang == "en" else "否定") if record.negated else ""


def _link_iri(link: LinkRecord, book: Book) -> str:
    """The IRI of a link; a relation that no link describes has the one that a link of it would have."""
    if " " not in link.iri:
        return link.iri
    ends = (book.place(book.factors[end]) for end in (link.source, link.target))
    numbers = (str(number) for place in ends for number in (place.start, place.end))
    return "-".join((book.factors[link.source].document, link.relation, *numbers))


_Choice = TypeVar("_Choice")


def _choice(record: Record, key: str, choices: Mapping[_Choice, tuple[str, str]]) -> _Choice:
    told = record[1].get(key, "")
    for choice, names in choices.items():
        if told.lower() in (str(choice).lower(), *(name.lower() for name in names)):
            return choice
    listed = ", ".join(f"{en} {zh}" for zh, en in choices.values())
    raise _fault(record, key, f"{told!r} is none of {listed}" if told else f"it is empty: choose one of {listed}")


def _fault(record: Record, key: str, what: str) -> sheet.ReviewError:
    return sheet.fault(record[0], COLUMNS[key], what)
