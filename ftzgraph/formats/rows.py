"""Factors and links as flat rows, which all tables and network formats share; and such rows, edited or not, as RDF.

A row holds text, numbers and truth values by column; what is empty is left out of it.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

import pyoxigraph as ox
from rdflib import Graph

from ftzgraph.analysis.graph import factor, factors, links, to_networkx
from ftzgraph.analysis.records import ChangeKind, DocumentRecord, EvidenceRecord, FactorRecord, LinkRecord
from ftzgraph.causalmap import FactorType, Modality, Relation
from ftzgraph.errors import GraphError
from ftzgraph.formats.statements import to_graph
from ftzgraph.knowledge.vocabulary import ID, PREFIXES

Value: TypeAlias = str | int | float | bool
Row: TypeAlias = dict[str, Value]

FACTOR_COLUMNS: Final[dict[str, type[Value]]] = {
    "id": str,
    "type": str,
    "quote": str,
    "section": str,
    "mentions": str,
    "cue": str,
    "confidence": float,
    "modality": str,
    "negated": bool,
    "method": str,
    "start": int,
    "end": int,
    "evidence": str,
    "change": str,
    "document": str,
    "file": str,
    "document_id": str,
    "sha256": str,
}
"""What is told of a factor. Section and mentions are for people and not read back; evidence is what else says so."""

LINK_COLUMNS: Final[dict[str, type[Value]]] = {
    "id": str,
    "source": str,
    "relation": str,
    "target": str,
    "cue": str,
    "confidence": float,
    "modality": str,
    "negated": bool,
    "inferred": bool,
    "method": str,
    "evidence": str,
    "change": str,
}
"""What is told of a link. A link without evidence of its own has that of both its ends."""

_MANUAL: Final = "manual"  # the method of what has no identifier yet, for a person added it
_PLACE: Final = re.compile(r'(\d+)-(\d+) (".*")')
_FACTOR_IRI: Final = re.compile(rf"({re.escape(ID)}[0-9a-f]{{12}})-factor-(\d+-\d+)")
_TRUTHS: Final = {"true": True, "1": True, "false": False, "0": False, "": False}

_Choice = TypeVar("_Choice", FactorType, Relation, Modality, ChangeKind)


class Rows(NamedTuple):
    """The factors and the links of a graph, in document order."""

    factors: list[Row]
    links: list[Row]


def rows(graph: Graph) -> Rows:
    """Return the factors and links of a graph as rows.

    Args:
        graph: RDF in the shape of the ontology.

    Returns:
        Rows with :data:`FACTOR_COLUMNS` and :data:`LINK_COLUMNS`, in their order.

    Raises:
        GraphError: the graph holds neither document nor factor, or lacks something essential.
    """
    network = to_networkx(graph)
    documents, sections, mentions = (network.graph[name] for name in ("documents", "sections", "mentions"))
    found = Rows([], [])
    for record in factors(network):
        document: DocumentRecord = documents[record.document]
        first = record.evidence[:1]
        told = vars(record) | {
            "id": record.iri,
            "section": " / ".join(sections[record.section].path) if record.section else "",
            "mentions": "; ".join(mentions[iri].label for iri in record.mentions),
            "start": first[0].start if first else None,
            "end": first[0].end if first else None,
            "evidence": _places(record.evidence[1:]),
            "document": document.title,
            "file": document.file_name,
            "document_id": document.iri,
            "sha256": document.sha256,
        }
        found.factors.append(_row(told, FACTOR_COLUMNS))
    for link in links(network):
        source, target = factor(network, link.source), factor(network, link.target)
        told = vars(link) | {
            "id": _link_iri(link.source, link.relation, link.target) if " " in link.iri else link.iri,
            "evidence": "" if link.evidence == _both(source, target) else _places(link.evidence),
        }
        found.links.append(_row(told, LINK_COLUMNS))
    return found


def from_rows(
    factor_rows: Iterable[tuple[str, Mapping[str, Any]]], link_rows: Iterable[tuple[str, Mapping[str, Any]]]
) -> Graph:
    """Return the graph that rows tell of: documents, factors, links and their evidence.

    Args:
        factor_rows: of each row where it stands, for messages, and its cells; values may be text. Unknown columns are
            passed over, and any but ``type`` and ``quote`` may be empty: a factor without ``id`` needs ``start`` and
            ``end``, and ``document_id`` where there are several documents.
        link_rows: any column but ``source``, ``relation`` and ``target`` may be empty.

    Raises:
        GraphError: a cell is not what its column asks for, a link's end is no factor, or two rows have the same id.
    """
    found = [_Cells(place, cells) for place, cells in factor_rows]
    documents: dict[str, DocumentRecord] = {}
    for cells in found:
        iri = cells.iri("document_id")
        if iri and iri not in documents:
            title, file = cells.exact("document"), cells.text("file")
            documents[iri] = DocumentRecord(iri, title or file or iri, (), file, cells.text("sha256"), "")
    factor_records: dict[str, FactorRecord] = {}
    for cells in found:
        record = _factor(cells, documents)
        cells.require(record.iri not in factor_records, f"there is another factor {record.iri}")
        factor_records[record.iri] = record
    link_records: dict[str, LinkRecord] = {}
    for place, values in link_rows:
        cells = _Cells(place, values)
        link = _link(cells, factor_records)
        cells.require(link.iri not in link_records, f"there is another link {link.iri}")
        link_records[link.iri] = link
    return to_graph(documents.values(), factor_records.values(), link_records.values())


def _row(told: Mapping[str, Any], columns: Iterable[str]) -> Row:
    return {name: told[name] for name in columns if told[name] not in ("", None)}


def _places(evidence: Iterable[EvidenceRecord]) -> str:
    """One line for each piece of evidence: its offsets and its quote."""
    return "\n".join(f"{each.start}-{each.end} {json.dumps(each.quote, ensure_ascii=False)}" for each in evidence)


def _both(source: FactorRecord, target: FactorRecord) -> tuple[EvidenceRecord, ...]:
    """The evidence of both ends of a link, in the order of records."""
    places = {place.iri: place for end in (source, target) for place in end.evidence}
    return tuple(sorted(places.values(), key=lambda each: (each.document, each.start, each.end, each.iri)))


def _link_iri(source: str, relation: str, target: str) -> str:
    """The IRI that the link of two factors has by rule."""
    start, end = _FACTOR_IRI.fullmatch(source), _FACTOR_IRI.fullmatch(target)
    if start and end and start[1] == end[1]:
        return f"{start[1]}-{relation}-{start[2]}-{end[2]}"
    return f"{source}-{relation}-{re.split('[/#]', target)[-1]}"


@dataclass(frozen=True)
class _Cells:
    """The cells of a row as the person who edited it may have left them; each method reads one."""

    place: str
    cells: Mapping[str, Any]

    def require(self, condition: object, fault: str) -> None:
        if not condition:
            raise GraphError(f"{self.place}: {fault}")

    def exact(self, name: str) -> str:
        value = self.cells.get(name)
        return "" if value is None else str(value)

    def text(self, name: str) -> str:
        return self.exact(name).strip()

    def iri(self, name: str) -> str:
        text = self.text(name)
        prefix, _, local = text.partition(":")
        iri = PREFIXES[prefix] + local if prefix in PREFIXES else text
        try:
            return ox.NamedNode(iri).value if iri else ""
        except ValueError:
            raise GraphError(f"{self.place}: {name} is {text!r}, not an IRI") from None

    def number(self, name: str, default: float) -> float:
        text = self.text(name)
        try:
            number = float(text) if text else default
        except ValueError:
            number = math.nan
        self.require(math.isfinite(number), f"{name} is {text!r}, not a number")
        return number

    def offset(self, name: str) -> int | None:
        if not self.text(name):
            return None
        number = self.number(name, -1)
        self.require(number.is_integer() and number >= 0, f"{name} is {self.text(name)!r}, not an offset")
        return int(number)

    def choice(self, name: str, choices: type[_Choice]) -> str:
        text = self.text(name)
        known = {choice.lower(): choice.value for choice in choices}
        self.require(text.lower() in known, f"{name} is {text!r}, none of {', '.join(choices)}")
        return known[text.lower()]

    def truth(self, name: str) -> bool:
        text = self.text(name)
        self.require(text.lower() in _TRUTHS, f"{name} is {text!r}, neither true nor false")
        return _TRUTHS[text.lower()]

    def evidence(self, document: str) -> list[EvidenceRecord]:
        places = []
        for line in filter(None, map(str.strip, self.exact("evidence").split("\n"))):
            match = _PLACE.fullmatch(line)
            try:
                start, end, quote = match.groups() if match else ("", "", "")
                places.append(_evidence(document, int(start), int(end), json.loads(quote)))
            except ValueError:
                raise GraphError(f'{self.place}: evidence is {line!r}, not START-END "QUOTE"') from None
        return places

    def judgement(self) -> dict[str, Any]:
        confidence = self.number("confidence", 1.0)
        self.require(0 <= confidence <= 1, f"confidence is {confidence}, not from 0 to 1")
        return {
            "cue": self.exact("cue"),
            "method": self.text("method") or ("" if self.text("id") else _MANUAL),
            "confidence": confidence,
            "modality": self.choice("modality", Modality) if self.text("modality") else Modality.ASSERTED.value,
            "negated": self.truth("negated"),
            "change": self.choice("change", ChangeKind) if self.text("change") else "",
        }


def _evidence(document: str, start: int, end: int, quote: str) -> EvidenceRecord:
    return EvidenceRecord(f"{document}-evidence-{start}-{end}", document, start, end, quote, "", "", ())


def _factor(cells: _Cells, documents: Mapping[str, DocumentRecord]) -> FactorRecord:
    document = cells.iri("document_id") or (next(iter(documents)) if len(documents) == 1 else "")
    cells.require(document, "document_id is missing")
    quote = cells.exact("quote")
    cells.require(quote, "quote is missing")
    evidence = cells.evidence(document)
    start, end = cells.offset("start"), cells.offset("end")
    if start is not None and end is not None:
        cells.require(start < end, f"start and end are {start} and {end}, no stretch of text")
        evidence.append(_evidence(document, start, end, quote))
    else:
        cells.require(start is None and end is None, "start and end need each other")
        cells.require(cells.text("id"), "a factor needs an id, or start and end")
    return FactorRecord(
        iri=cells.iri("id") or f"{document}-factor-{start}-{end}",
        type=cells.choice("type", FactorType),
        quote=quote,
        document=document,
        section=None,
        evidence=tuple(evidence),
        mentions=(),
        **cells.judgement(),
    )


def _link(cells: _Cells, records: Mapping[str, FactorRecord]) -> LinkRecord:
    source, target = cells.iri("source"), cells.iri("target")
    for name, end in (("source", source), ("target", target)):
        cells.require(end in records, f"{name} is {cells.text(name)!r}, no id of a factor")
    relation = cells.choice("relation", Relation)
    own = tuple(cells.evidence(records[source].document))
    return LinkRecord(
        iri=cells.iri("id") or _link_iri(source, relation, target),
        relation=relation,
        source=source,
        target=target,
        evidence=own or _both(records[source], records[target]),
        inferred=cells.truth("inferred"),
        **cells.judgement(),
    )
