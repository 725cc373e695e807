from argument_graphs import Links, argued, barriers, iri, link_sets
from hypothesis import given, settings

from ftzgraph.analysis.graph import links, to_networkx
from ftzgraph.analysis.robustness import THRESHOLDS, Kind, Level, Robustness, conclusions, robustness


def test_a_conclusion_holds_to_the_threshold_under_which_its_links_are() -> None:
    argument = barriers("a", "b", "c", "d")
    argument.causes("a", "b", confidence="0.60")
    argument.causes("b", "a", confidence="0.90")
    argument.causes("c", "d", confidence="0.20")
    argument.factor("r", "Remedy")
    argument.link("r", "addresses", "d", confidence="0.70")
    found = robustness(to_networkx(argument.graph))
    assert found.conclusions == (
        Robustness(Kind.ROOT, (iri("c"),), 0.0),
        Robustness(Kind.LOOP, (iri("a"), iri("b")), 0.5),
        Robustness(Kind.ANSWERED, (iri("d"),), 0.7),
        Robustness(Kind.CHOSEN, (iri("r"),), 0.7),
        Robustness(Kind.LEVERAGE, (iri("b"),), 0.9),
        Robustness(Kind.LEVERAGE, (iri("a"),), 0.5),
        Robustness(Kind.LEVERAGE, (iri("c"),), 0.0),
    )
    assert found.levels == (
        Level(0.0, links=4, roots=1, unanswered=3, chosen=1),
        Level(0.3, links=3, roots=0, unanswered=3, chosen=1),
        Level(0.5, links=3, roots=0, unanswered=3, chosen=1),
        Level(0.7, links=2, roots=1, unanswered=3, chosen=1),
        Level(0.9, links=1, roots=1, unanswered=4, chosen=0),
    )


def test_a_conclusion_that_falls_and_comes_back_has_fallen() -> None:
    argument = barriers("a", "b", "x")
    argument.factor("r", "Remedy")
    argument.factor("s", "Remedy")
    # At 0.3 s alone reaches both; at 0.5 each reaches one of its own.
    argument.link("r", "addresses", "a", confidence="0.90")
    argument.link("r", "addresses", "x", confidence="0.20")
    argument.link("s", "addresses", "b", confidence="0.90")
    argument.link("s", "addresses", "a", confidence="0.40")
    found = robustness(to_networkx(argument.graph))
    assert Robustness(Kind.CHOSEN, (iri("r"),), 0.0) in found.conclusions
    assert [level.chosen for level in found.levels] == [2, 1, 2, 2, 2]


@settings(max_examples=60, deadline=None)
@given(link_sets)
def test_robustness_agrees_with_writing_the_graph_anew_without_the_weaker_links(confidences: Links) -> None:
    surer = {
        threshold: to_networkx(argued({link: c for link, c in confidences.items() if float(c) >= threshold}).graph)
        for threshold in (0.0, *THRESHOLDS)
    }
    drawn = {threshold: set(conclusions(graph)) for threshold, graph in surer.items()}
    found = robustness(surer[0.0])
    assert {(each.kind, each.factors) for each in found.conclusions} == drawn[0.0]
    for each in found.conclusions:
        falls = [threshold for threshold in THRESHOLDS if (each.kind, each.factors) not in drawn[threshold]]
        kept = [threshold for threshold in THRESHOLDS if not falls or threshold < falls[0]]
        assert each.holds_to == max(kept, default=0.0)
    assert [(level.threshold, level.links) for level in found.levels] == [
        (threshold, len(links(graph))) for threshold, graph in surer.items()
    ]
