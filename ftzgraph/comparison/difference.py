"""What became of each factor and link between two graphs, and which barriers won or lost their answer."""

import csv
import json
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from io import StringIO
from typing import Any, Final, Generic, Literal, TypeVar

from rdflib import Graph

from ftzgraph.analysis.graph import (
    FactorGraph,
    FactorRecord,
    LinkRecord,
    barriers,
    factor,
    factors,
    links,
    to_networkx,
    view,
)
from ftzgraph.analysis.records import ChangeKind
from ftzgraph.causalmap import Relation
from ftzgraph.comparison.listing import listing, markdown
from ftzgraph.comparison.matching import ALIKE, match, solid
from ftzgraph.errors import GraphError

_FACTOR_FIELDS: Final = ("quote", "type", "modality", "negated")
_LINK_FIELDS: Final = ("modality", "negated", "inferred")
_CSV_VALUES: Final = ("iri", "type", "text", "modality", "negated", "inferred", "confidence")

Record = TypeVar("Record", FactorRecord, LinkRecord)


@dataclass(frozen=True)
class Change(Generic[Record]):
    """What became of one factor or link.

    Attributes:
        kind: added, removed, changed or unchanged.
        before, after: its record in each graph, ``None`` in the one that lacks it.
        fields: the attributes of the records that make it a change: quote (white space aside), type, modality, negated,
            inferred.
    """

    kind: ChangeKind
    before: Record | None
    after: Record | None
    fields: tuple[str, ...] = ()

    @property
    def last(self) -> Record:
        """Its record in the second graph; in the first, where the second lacks it."""
        record = self.after or self.before
        assert record is not None
        return record


@dataclass(frozen=True)
class AnswerChange:
    """A barrier of the second graph that is newly answered, no longer answered, or new and unanswered.

    Attributes:
        barrier: what became of the barrier itself.
        before, after: the strategies that address it in each graph; of a new and unanswered one, none in either.
    """

    barrier: Change[FactorRecord]
    before: tuple[FactorRecord, ...]
    after: tuple[FactorRecord, ...]

    @property
    def news(self) -> Literal["won", "lost", "open"]:
        """Whether it is newly answered, no longer answered, or new and unanswered."""
        return "lost" if self.before else "won" if self.after else "open"


@dataclass(frozen=True)
class Difference:
    """How two graphs differ.

    Attributes:
        before, after: the factors and links that were compared.
        factors, links: what became of each; first all that the second graph holds, in its order, then what it lacks.
        answers: the barriers that won, lost or, being new, lack an answer, in the order of the second graph.
    """

    before: FactorGraph = field(repr=False, compare=False)
    after: FactorGraph = field(repr=False, compare=False)
    factors: tuple[Change[FactorRecord], ...]
    links: tuple[Change[LinkRecord], ...]
    answers: tuple[AnswerChange, ...]

    @property
    def counts(self) -> dict[str, dict[ChangeKind, int]]:
        """How many ``factors`` and ``links`` there are of each kind of change."""
        kinds = {"factors": Counter(c.kind for c in self.factors), "links": Counter(c.kind for c in self.links)}
        return {name: {kind: counter[kind] for kind in ChangeKind} for name, counter in kinds.items()}

    def render(self, format: str = "table", lang: str = "zh", width: int | None = None) -> str:  # noqa: A002
        """Write the difference down.

        Args:
            format: ``"table"``, for a terminal, or ``"md"``, Markdown: both leave out what is unchanged; ``"csv"`` or
                ``"json"``, which hold everything.
            lang: language of what stands around the quotes in a table and in Markdown, ``"zh"`` or ``"en"``.
            width: columns of the terminal; by default as many as it has.

        Returns:
            Text with a final newline. The same graphs give the same text.

        Raises:
            ValueError: there is no such format or language.
        """
        match format:
            case "table":
                return listing(self, lang, width)
            case "md":
                return markdown(self, lang)
            case "csv":
                return self.to_csv()
            case "json":
                return self.to_json()
        raise ValueError(f"no such format: {format} (there are table, md, csv and json)")

    def to_json(self) -> str:
        """Return everything as JSON; in ``answers`` factors are told by IRI."""
        graphs = {"before": self.before, "after": self.after}
        content = {
            "documents": {name: [vars(d) for d in graph.graph["documents"].values()] for name, graph in graphs.items()},
            "counts": self.counts,
            "answers": [
                {
                    "news": each.news,
                    "barrier": each.barrier.last.iri,
                    "before": [record.iri for record in each.before],
                    "after": [record.iri for record in each.after],
                }
                for each in self.answers
            ],
            "factors": [_plain(change) for change in self.factors],
            "links": [_plain(change) for change in self.links],
        }
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"

    def to_csv(self) -> str:
        """Return a row for each factor and link as CSV.

        The text of a factor is its quote, that of a link the quotes of both ends; its type is its relation.
        """
        output = StringIO()
        writer = csv.writer(output)
        columns = (f"{when}_{name}" for name in _CSV_VALUES for when in ("before", "after"))
        writer.writerow(("item", "change", "fields", *columns))
        for item, changes in (("factor", self.factors), ("link", self.links)):
            for change in changes:
                values = zip(_values(self.before, change.before), _values(self.after, change.after), strict=True)
                writer.writerow((item, change.kind, " ".join(change.fields), *(v for pair in values for v in pair)))
        return output.getvalue()


def diff(before: Graph, after: Graph, min_confidence: float = 0.0, alike: float = ALIKE) -> Difference:
    """Compare two graphs: two documents, two editions of one, or what two readers made of it.

    Which factor is which, :func:`~ftzgraph.comparison.matching.match` tells. A link stands in both graphs when its
    relation does and both of its ends are pairs. Neither changes by its confidence alone.

    Args:
        before: RDF in the shape of the ontology, one document or many.
        after: the same, of the later or the other one.
        min_confidence: 0 to 1; factors and links below it are left out of both graphs first.
        alike: the least similarity of a statement and its rewording, above 0 and at most 1.

    Raises:
        GraphError: one of the graphs holds no document or factor, or lacks something essential; it says which.
    """
    old, new = _network(before, "first", min_confidence), _network(after, "second", min_confidence)
    partners = match(factors(old), factors(new), alike)

    def name(iri: str) -> str:
        return partners.get(iri, iri)

    changed = _changes({name(each.iri): each for each in factors(old)}, {each.iri: each for each in factors(new)})
    return Difference(
        before=old,
        after=new,
        factors=changed,
        links=_changes(
            {(each.relation, name(each.source), name(each.target)): each for each in links(old)},
            {(each.relation, each.source, each.target): each for each in links(new)},
        ),
        answers=_answer_changes(old, new, changed),
    )


def _network(graph: Graph, which: str, min_confidence: float) -> FactorGraph:
    try:
        return to_networkx(graph, min_confidence)
    except GraphError as error:
        raise GraphError(f"{which} graph: {error}") from error


def _changes(before: Mapping[Hashable, Record], after: Mapping[Hashable, Record]) -> tuple[Change[Record], ...]:
    """What became of records that are the same when their keys are."""
    found = [_change(before.get(key), record) for key, record in after.items()]
    found += [_change(record, None) for key, record in before.items() if key not in after]
    return tuple(found)


def _change(before: Record | None, after: Record | None) -> Change[Record]:
    if before is None:
        return Change(ChangeKind.ADDED, before, after)
    if after is None:
        return Change(ChangeKind.REMOVED, before, after)
    names = _FACTOR_FIELDS if isinstance(after, FactorRecord) else _LINK_FIELDS
    fields = tuple(name for name in names if _compared(before, name) != _compared(after, name))
    return Change(ChangeKind.CHANGED if fields else ChangeKind.UNCHANGED, before, after, fields)


def _compared(record: FactorRecord | LinkRecord, name: str) -> Any:
    value = getattr(record, name)
    return solid(value) if name == "quote" else value


def _answer_changes(
    before: FactorGraph, after: FactorGraph, changes: tuple[Change[FactorRecord], ...]
) -> tuple[AnswerChange, ...]:
    old, new = _strategies(before), _strategies(after)
    found = []
    for change in changes:
        then = old.get(change.before.iri) if change.before else None  # None of what was no barrier
        now = new.get(change.after.iri) if change.after else None
        if now is not None and (not now if then is None else bool(now) != bool(then)):
            found.append(AnswerChange(change, then or (), now))
    return tuple(found)


def _strategies(graph: FactorGraph) -> dict[str, tuple[FactorRecord, ...]]:
    """The strategies that address each barrier, as :func:`ftzgraph.analysis.answers.answers` tells them, and no more."""
    addresses = view(graph, Relation.ADDRESSES)
    return {
        barrier.iri: tuple(factor(graph, iri) for iri in addresses.predecessors(barrier.iri))
        for barrier in barriers(graph)
    }


def _plain(change: Change[Any]) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "fields": change.fields,
        "before": _record(change.before),
        "after": _record(change.after),
    }


def _record(record: FactorRecord | LinkRecord | None) -> dict[str, Any] | None:
    if record is None:
        return None
    values = {name: value for name, value in vars(record).items() if name not in ("evidence", "change")}
    return values | {"places": [[evidence.start, evidence.end] for evidence in record.evidence]}


def _values(graph: FactorGraph, record: FactorRecord | LinkRecord | None) -> list[str | float]:
    """What CSV tells of a record."""
    if record is None:
        return [""] * len(_CSV_VALUES)
    if isinstance(record, LinkRecord):
        ends = (factor(graph, iri).quote for iri in (record.source, record.target))
        values = vars(record) | {"type": record.relation, "text": " → ".join(ends)}
    else:
        values = vars(record) | {"text": record.quote, "inferred": ""}
    shown = (values[name] for name in _CSV_VALUES)
    return [str(value).lower() if isinstance(value, bool) else value for value in shown]
