"""Causal maps of any kind over the small document, and what of their graphs tables and network formats carry."""

from typing import Any

from causal_maps import DOCUMENT
from hypothesis import strategies as st
from rdflib import Graph

from ftzgraph.analysis.graph import factors, links, to_networkx
from ftzgraph.causalmap import CausalMap, Factor, FactorType, Link, Modality, Relation, Span

QUOTED = ["", "由于", "=1+1", "'x", "＝x", "-", "@a", "\tx", " x ", 'a "b", c; d', "a\nb", "a\r\nb", "\\n", "<b>&amp;"]


@st.composite
def maps(draw: st.DrawFn) -> CausalMap:
    """A map of a few stretches of the document, some over a line break, with any links between them."""
    size = len(DOCUMENT.text)
    spans = st.builds(lambda a, n: Span(a, min(a + n, size)), st.integers(0, size - 1), st.integers(1, 15))
    judgements = {
        "cue": st.sampled_from(QUOTED),
        "method": st.sampled_from(["rules/x", "manual"]),
        "confidence": st.integers(0, 100).map(lambda n: n / 100),
        "modality": st.sampled_from(Modality),
        "negated": st.booleans(),
    }
    found = draw(st.lists(spans, min_size=1, max_size=4, unique=True))
    nodes = [draw(st.builds(Factor, st.just(s), st.sampled_from(FactorType), **judgements)) for s in sorted(found)]
    ends = st.integers(0, len(nodes) - 1)
    edges = draw(
        st.lists(
            st.builds(
                Link,
                st.sampled_from(Relation),
                ends,
                ends,
                st.lists(spans, min_size=1, max_size=3, unique=True).map(tuple),
                inferred=st.booleans(),
                **judgements,
            ),
            max_size=4,
            unique_by=lambda link: (link.relation, link.source, link.target),
        )
    )
    both = [Link(e.relation, e.source, e.target, (nodes[e.source].span, nodes[e.target].span)) for e in edges[:1]]
    return CausalMap(DOCUMENT, tuple(nodes), tuple(both + edges[1:]))


def carried(graph: Graph) -> tuple[list[Any], list[Any]]:
    """What a network format carries of the factors and links of a graph."""
    network = to_networkx(graph)
    found: tuple[list[Any], list[Any]] = ([], [])
    for kind, records in enumerate((factors(network), links(network))):
        for record in records:
            told = {k: v for k, v in vars(record).items() if k not in ("evidence", "section", "mentions")}
            found[kind].append(told | {"evidence": [(e.document, e.start, e.end, e.quote) for e in record.evidence]})
    return found
