from argument_graphs import Argument, iri

from ftzgraph.analysis.actors import Responsibilities, Responsibility, responsibilities
from ftzgraph.analysis.graph import to_networkx


def test_tiers_come_from_the_state_down_each_with_what_names_its_actors() -> None:
    argument = Argument()
    argument.mention("council", "Actor", "国务院", tier="national")
    argument.mention("zone", "Actor", "管委会", tier="zone")
    argument.mention("office", "Actor", "办公室")
    argument.mention("bank", "Actor", "银行", tier="market")
    argument.mention("shanghai", "Place", "上海")
    argument.factor("p", mentions=("zone", "council"))
    argument.factor("q", mentions=("zone", "shanghai"))
    argument.factor("done", "Achievement", mentions=("bank",))
    argument.factor("r", "Remedy", mentions=("council",))
    argument.factor("s", "Remedy", mentions=("shanghai",))
    argument.factor("g", "Goal", mentions=("office",))
    argument.link("r", "addresses", "p")
    assert responsibilities(to_networkx(argument.graph)) == Responsibilities(
        tiers=(
            Responsibility("national", (iri("council"),), (iri("p"),), (), (iri("r"),), ()),
            Responsibility("zone", (iri("zone"),), (iri("p"), iri("q")), (iri("q"),), (), ()),
            Responsibility("", (iri("office"),), (), (), (), (iri("g"),)),
        ),
        unassigned=(iri("s"),),
    )


def test_actors_of_one_tier_come_in_the_order_in_which_they_are_named() -> None:
    argument = Argument()
    argument.mention("a", "Actor", "甲市", tier="local")
    argument.mention("b", "Actor", "乙市", tier="local")
    argument.factor("p", mentions=("b",))
    argument.factor("r", "Remedy", mentions=("a", "b"))
    (local,) = responsibilities(to_networkx(argument.graph)).tiers
    assert local.actors == (iri("b"), iri("a"))
