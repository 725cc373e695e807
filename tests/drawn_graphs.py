"""Graphs for the tests of rendering: factor graphs of any shape, and RDF of a document whose every sentence is a factor."""

import hashlib
from collections.abc import Iterable, Sequence

import networkx as nx
from rdflib import Graph

from ftzgraph.analysis.graph import (
    DocumentRecord,
    EvidenceRecord,
    FactorGraph,
    FactorRecord,
    LinkRecord,
    SectionRecord,
    SentenceRecord,
)
from ftzgraph.causalmap import CausalMap, Factor, FactorType, Link, Relation, Span
from ftzgraph.document import Document, Sentence, Structure
from ftzgraph.knowledge.rdf import to_rdf

# Text that would act if any of it became markup, a template or an address; U+202E turns what follows it round.
HOSTILE = (
    "<script>window.harmed = 1</script>",
    '"><img src=x onerror="window.harmed = 2">',
    "</script><script>window.harmed = 3</script>",
    "javascript:window.harmed=4",
    "<!--<script>{{ 7 * 7 }}{% raw %}",
    "\u202e倒写的文字\u202c与\u200f标记",
    "行分隔\u2028符号\u2029与&amp;转义\\u003c",
    "𠮷野家旁边的𠮷祥街缺乏灯光",
)


def factor_graph(
    factors: Sequence[tuple[str, int, int]], links: Iterable[tuple[int, str, int]] = (), quotes: Sequence[str] = ()
) -> FactorGraph:
    """Factors as (type, document, section), each in a sentence of its own, and links between their indices."""
    documents: dict[str, DocumentRecord] = {}
    sections: dict[str, SectionRecord] = {}
    sentences: dict[str, SentenceRecord] = {}
    graph: FactorGraph = nx.MultiDiGraph(documents=documents, sections=sections, sentences=sentences, mentions={})
    for i, (kind, number, part) in enumerate(factors):
        document, section = f"d{number}", f"d{number}-section-{part}"
        documents.setdefault(document, DocumentRecord(document, f"文件{number}", (), f"{number}.txt", "", "rules"))
        heading = f"第{part}节"
        sections.setdefault(section, SectionRecord(section, document, None, "", heading, part, 1, (heading,)))
        quote = quotes[i] if i < len(quotes) else f"陈述{i}"
        sentence, start = f"s{i}", 100 * i
        end = start + len(quote)
        sentences[sentence] = SentenceRecord(sentence, document, section, quote + "。", start, end + 1, i, i)
        evidence = EvidenceRecord(f"e{i}", document, start, end, quote, "", "。", (sentence,))
        record = FactorRecord(
            f"f{i}", kind, quote, document, section, (evidence,), "", "rules", 0.5, "asserted", False, ()
        )
        graph.add_node(record.iri, factor=record)
    for a, relation, b in links:
        link = LinkRecord(
            f"{a}{relation}{b}", relation, f"f{a}", f"f{b}", (), "", "rules", 0.5, "asserted", False, False
        )
        graph.add_edge(link.source, link.target, key=relation, link=link)
    return graph


def document_graph(quotes: Sequence[str], title: str = "测试文件") -> Graph:
    """RDF of a document in which each quote is a sentence and a factor, a cause of the one after it."""
    text = "\n".join([title, *quotes])
    spans, start = [], len(title) + 1
    for quote in quotes:
        spans.append(Span(start, start + len(quote)))
        start += len(quote) + 1
    paragraphs = ((0, len(title)), *((span.start, span.end) for span in spans))
    sentences = tuple(Sentence(span.start, span.end, i + 1, None) for i, span in enumerate(spans))
    structure = Structure((0, len(title)), (), (), paragraphs, sentences)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    document = Document(title, sha256, text, text, tuple(range(len(text))), structure)
    factors = tuple(Factor(span, FactorType.PROBLEM) for span in spans)
    links = tuple(
        Link(Relation.CAUSES, i, i + 1, (spans[i], spans[i + 1]), inferred=True) for i in range(len(spans) - 1)
    )
    return to_rdf(CausalMap(document, factors, links))
