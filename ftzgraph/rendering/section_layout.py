"""The layout by section: factors in reading order, in frames that stand for the sections of the documents."""

import math
from collections import defaultdict

from ftzgraph.analysis.graph import FactorGraph, SectionRecord, factors
from ftzgraph.rendering.layout import Labels, Layout, grid, shelves

_MOST = 60
"""Most factors that one frame holds; of more, each frame holds about as many as the others."""


def by_section(graph: FactorGraph, labels: Labels) -> Layout:
    """Lay out the factors in reading order within frames for the sections they stand in.

    Factors that stand in a section but in none of its subsections, or in a document before its first section, have a
    frame of their own within its frame. So have the parts of a long run of factors, captioned 1/3, 2/3 and so on.

    Args:
        graph: as :func:`ftzgraph.analysis.graph.to_networkx` gives it.
        labels: label of every factor by IRI.

    Returns:
        A layout in which no two boxes overlap, every box lies in the frame of its section, and every factor is a member
        of one frame, which holds no other frame.
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

    def contents(holder: str, title: str) -> list[Layout]:
        ordered = sorted(inner[holder], key=lambda iri: sections[iri].order)
        return _runs(own[holder], labels, title) + [framed(iri, "section", sections[iri].path[-1]) for iri in ordered]

    def framed(holder: str, kind: str, title: str) -> Layout:
        if inner[holder] or len(own[holder]) > _MOST:
            return shelves(contents(holder, title)).framed(kind, title)
        return grid(own[holder], labels).framed(kind, title)

    documents = [(iri, document.title) for iri, document in graph.graph["documents"].items() if own[iri] or inner[iri]]
    if len(documents) == 1:
        return shelves(contents(*documents[0]))
    return shelves([framed(iri, "document", title) for iri, title in documents])


def _runs(iris: list[str], labels: Labels, title: str) -> list[Layout]:
    """Frames for factors in reading order, as few and as equal as may be."""
    count = math.ceil(len(iris) / _MOST)
    runs = [iris[len(iris) * i // count : len(iris) * (i + 1) // count] for i in range(count)]
    return [
        grid(run, labels).framed("section", title if count == 1 else f"{title} {i}/{count}")
        for i, run in enumerate(runs, start=1)
    ]
