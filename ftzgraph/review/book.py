"""The documents of a graph as decisions see them: texts, and where in them factors stand."""

from collections import defaultdict
from enum import Enum
from functools import cache
from itertools import chain

from rdflib import Graph

from ftzgraph.analysis.graph import factors, links, to_networkx
from ftzgraph.analysis.records import EvidenceRecord, FactorRecord, SentenceRecord
from ftzgraph.causalmap import Span
from ftzgraph.review.anchors import Home, Place, Stretch, Text


class Reason(Enum):
    """Why a decision cannot be applied any more, in Chinese and English."""

    DOCUMENT = "图谱中没有这份文件", "its document is not in the graph"
    QUOTE = (
        "引文已不在原处，或前后文已改动",
        "the quote does not stand there any more, or the text around it has changed",
    )
    AMBIGUOUS = (
        "引文多处出现，前后文不足以分辨",
        "the quote stands at several places, and the text around it does not tell which",
    )
    END = "联系的一端已不是要素", "an end of the link is no factor any more"
    TYPES = "两端的类型不能有这种联系", "the relation cannot join factors of these types"
    CONCEPT = "概念中的其他要素已不在", "the other factors of the concept are gone"

    def text(self, lang: str) -> str:
        """Return it in a language."""
        return self.value[lang == "en"]


class Book:
    """What a graph tells of its documents.

    Args:
        graph: RDF in the shape of the ontology.

    Raises:
        GraphError: it holds neither document nor factor, or lacks something essential.
    """

    def __init__(self, graph: Graph) -> None:
        network = to_networkx(graph)
        self.factors: dict[str, FactorRecord] = {record.iri: record for record in factors(network)}
        self.links = links(network)
        documents = network.graph["documents"].values()
        self._homes = {each.iri: Home(each.iri, each.file_name, each.title, each.sha256) for each in documents}
        self._named: defaultdict[str, list[str]] = defaultdict(list)
        for home in self._homes.values():
            self._named[home.file_name].append(home.iri)
        self._sentences: defaultdict[str, list[SentenceRecord]] = defaultdict(list)
        for sentence in network.graph["sentences"].values():
            self._sentences[sentence.document].append(sentence)
        self._evidence: defaultdict[str, dict[str, EvidenceRecord]] = defaultdict(dict)
        told = [record.evidence for record in self.factors.values()] + [link.evidence for link in self.links]
        for each in chain.from_iterable(told):
            self._evidence[each.document][each.iri] = each
        self.text = cache(self._text)

    def span(self, factor: FactorRecord) -> Span | None:
        """Return where a factor stands in the text; ``None`` where the graph does not hold the text."""
        start = factor.evidence[0].start if factor.evidence else 0
        return self.text(factor.document).nearest(factor.quote, start)

    def place(self, factor: FactorRecord) -> Place:
        """Return where a factor stands, to find it again."""
        home, span = self._homes[factor.document], self.span(factor)
        prefix, suffix = self.text(factor.document).stretch(home.iri, span).context if span else ("", "")
        first = factor.evidence[0] if factor.evidence else None
        start, end = (first.start, first.end) if first else (0, len(factor.quote))
        return Place(home, start, end, factor.quote, prefix, suffix)

    def quoted(self, factor: FactorRecord, quote: str) -> Place | None:
        """Return where another quote stands, nearest to a factor; ``None`` when it does not stand in its document."""
        text = self.text(factor.document)
        span = text.nearest(quote, factor.evidence[0].start if factor.evidence else 0)
        if span is None:
            return None
        stretch = text.stretch(factor.document, span)
        return Place(self._homes[factor.document], *stretch.offsets, stretch.quote, *stretch.context)

    def find(self, place: Place) -> Stretch | Reason:
        """Find a place again: in the same document or, when that has changed, in one of the same file name."""
        if place.home.iri in self._homes:
            text = self.text(place.home.iri)
            span = text.nearest(place.quote, place.start)
            return text.stretch(place.home.iri, span) if span else Reason.QUOTE
        documents = self._named.get(place.home.file_name, []) if place.home.file_name else []
        if not documents:
            return Reason.DOCUMENT
        found = [(each, span) for each in documents for span in self.text(each).find(place)]
        if len(found) != 1:
            return Reason.AMBIGUOUS if found else Reason.QUOTE
        document, span = found[0]
        return self.text(document).stretch(document, span)

    def _text(self, document: str) -> Text:
        return Text(self._sentences[document], self._evidence[document].values())
