"""Graphs for the tests of rendering: factor graphs of any shape, and RDF of a document whose every sentence is a factor."""

import hashlib
import random
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
from ftzgraph.causalmap import CausalMap, Factor, FactorType, Link, Mention, MentionKind, Relation, Span
from ftzgraph.document import Document, Section, Sentence, Structure
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


def large_graph(factors: int = 2_000, links: int = 3_000, sections: int = 40) -> Graph:
    """RDF of a long document: sections with a heading and factors of all types, linked mostly to what is near."""
    each = factors // sections
    parts = [
        (f"第{i + 1}章", [f"第{i + 1}章第{j + 1}项陈述说明某一方面的情形" for j in range(each)])
        for i in range(sections)
    ]
    lines, places, headings = ["大型测试文件"], [], []
    at = len(lines[0]) + 1
    for heading, quotes in parts:
        headings.append((at, heading))
        for line in (heading, *quotes):
            lines.append(line)
            if line != heading:
                places.append(Span(at, at + len(line)))
            at += len(line) + 1
    text = "\n".join(lines)
    ends = [start for start, _ in headings[1:]] + [len(text)]
    structure = Structure(
        (0, len(lines[0])),
        (),
        tuple(
            Section(start, end, start, start + len(title), "", 1, None, "heading")
            for (start, title), end in zip(headings, ends, strict=True)
        ),
        ((0, len(lines[0])), *((span.start, span.end) for span in places)),
        tuple(Sentence(span.start, span.end, i + 1, i // each) for i, span in enumerate(places)),
    )
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    document = Document("大型测试文件", sha256, text, text, tuple(range(len(text))), structure)
    chance = random.Random(1)
    kinds = [chance.choice(list(FactorType)) for _ in places]
    found: dict[tuple[Relation, int, int], Link] = {}
    while len(found) < links:
        a = chance.randrange(len(places))
        b = max(0, min(len(places) - 1, a + chance.choice((chance.randint(-8, 8), chance.randint(-900, 900)))))
        if a == b:
            continue
        if kinds[a].is_barrier and kinds[b].is_barrier and a < b:
            relation = Relation.CAUSES
        elif kinds[a].is_strategy and kinds[b].is_barrier:
            relation = Relation.ADDRESSES
        elif (kinds[a], kinds[b]) == (FactorType.REMEDY, FactorType.GOAL):
            relation = Relation.AIMS_AT
        else:
            continue
        found[relation, a, b] = Link(relation, a, b, (places[a], places[b]), confidence=chance.random())
    mentions = tuple(Mention(span, MentionKind.ACTOR, f"机构{i % 7}") for i, span in enumerate(places) if i % 5 == 0)
    stated = tuple(
        Factor(span, kind, confidence=round(0.3 + 0.7 * chance.random(), 2))
        for span, kind in zip(places, kinds, strict=True)
    )
    return to_rdf(CausalMap(document, stated, tuple(found.values()), mentions))


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
