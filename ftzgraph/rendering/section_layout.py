"""The layout by section: factors in reading order, in frames that stand for the sections of the documents."""

from collections import defaultdict

from ftzgraph.analysis.graph import FactorGraph, SectionRecord, factors
from ftzgraph.rendering.layout import Labels, Layout, grid, shelves


def by_section(graph: FactorGraph, labels: Labels) -> Layout:
    """Lay out the factors in reading order within frames for the sections they stand in.

    Args:
        graph: as :func:`ftzgraph.analysis.graph.to_networkx` gives it.
        labels: label of every factor by IRI.

    Returns:
        A layout in which no two boxes overlap and every box lies in the frame of its section.
    """
    sections: dict[str, SectionRecord] = graph.graph["sections"]
    own: dict[str, list[str]] = defaultdict(list)
    inner: dict[str, dict[str, None]] = defaultdict(dict)
    for record in factors(graph):
        holder = record.section if record.section in sections else record.document
        own[holder].append(record.iri)
        while holder in sections:
            parent = sections[holder].parent or ""
            parent = parent if parent in sections else sections[holder].document
            if holder in inner[parent]:
                break
            inner[parent][holder] = None
            holder = parent

    def contents(holder: str) -> Layout:
        parts = [grid(own[holder], labels)] if own[holder] else []
        ordered = sorted(inner[holder], key=lambda iri: sections[iri].order)
        parts += [contents(iri).framed("section", sections[iri].path[-1]) for iri in ordered]
        return shelves(parts)

    documents = [iri for iri in graph.graph["documents"] if own[iri] or inner[iri]]
    parts = [contents(document) for document in documents]
    if len(parts) > 1:
        titles = [graph.graph["documents"][document].title for document in documents]
        parts = [part.framed("document", title) for part, title in zip(parts, titles, strict=True)]
    return shelves(parts)
