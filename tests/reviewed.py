"""Small documents with hand-made factors and links, and review sheets filled in by a function."""

import csv
import hashlib
import re
from collections.abc import Iterable
from io import StringIO
from pathlib import Path

from rdflib import RDFS, Graph

from ftzgraph.analysis.graph import factors, links, to_networkx
from ftzgraph.causalmap import CausalMap, Factor, FactorType, Link, Relation, Span
from ftzgraph.document import Document, Sentence, Structure
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.validation import validate
from ftzgraph.review.deciding import decide, export
from ftzgraph.review.decisions import Decision, record

Told = dict[str, tuple[str, float]]


def read(text: str, found: dict[str, str], linked: Iterable[tuple[str, str, str]] = (), name: str = "a.txt") -> Graph:
    """The graph of a text, in which each quote of ``found`` is a factor of that type; the first place of it counts."""
    paragraphs = [match.span() for match in re.finditer(r"[^\n]+", text)]
    sentences = [
        Sentence(start + match.start(), start + match.end(), number, None)
        for number, (start, end) in enumerate(paragraphs)
        for match in re.finditer(r"[^。]+。?", text[start:end])
    ]
    structure = Structure(paragraphs[0], (), (), tuple(paragraphs), tuple(sentences))
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    document = Document(name, sha256, text, text, tuple(range(len(text))), structure)
    spans = {quote: Span(text.index(quote), text.index(quote) + len(quote)) for quote in found}
    quotes = sorted(spans, key=lambda quote: spans[quote])
    nodes = tuple(Factor(spans[quote], FactorType(found[quote]), method="rules/x") for quote in quotes)
    edges = tuple(
        Link(Relation(relation), quotes.index(one), quotes.index(other), (spans[one], spans[other]), inferred=True)
        for one, relation, other in linked
    )
    return to_rdf(CausalMap(document, nodes, tuple(sorted(edges, key=lambda e: (e.relation, e.source, e.target)))))


def told(graph: Graph) -> dict[str, str]:
    """The type of each quote; the graph has to conform."""
    assert [violation.line("en") for violation in validate(graph).violations] == []
    return {record.quote: record.type for record in factors(to_networkx(graph))}


def linked(graph: Graph) -> set[tuple[str, str, str]]:
    """The links of a graph, by the quotes of their ends."""
    quotes = {str(node): str(quote) for node, quote in graph.subject_objects(RDFS.label)}
    return {(quotes[link.source], link.relation, quotes[link.target]) for link in links(to_networkx(graph))}


def sheet(graph: Graph, path: Path, lang: str = "en") -> list[dict[str, str]]:
    """The rows of the sheet of a graph."""
    content = export(graph, path.with_suffix(".csv"), lang).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(content, newline="")))


def fill_in(path: Path, rows: list[dict[str, str]], encoding: str = "utf-8-sig") -> Path:
    """Save rows as a spreadsheet would."""
    table = StringIO()
    writer = csv.DictWriter(table, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(table.getvalue().encode(encoding, "replace"))
    return path


def decided(
    graph: Graph,
    folder: Path,
    cells: dict[tuple[str, str], dict[str, str]],
    earlier: list[Decision] | None = None,
    date: str = "2026-11-27",
) -> list[Decision]:
    """The decisions of a sheet in which the rows of a kind and quote are filled in."""
    rows = sheet(graph, folder / "sheet.csv")
    done = set()
    for row in rows:
        key = row["kind"], row["quote"]
        if key in cells:
            row.update(cells[key])
            done.add(key)
    assert done == set(cells)
    return record(earlier or [], decide(graph, fill_in(folder / "sheet.csv", rows), "王芳", date))
