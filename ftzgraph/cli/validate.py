"""``ftzgraph validate``: a graph against the shapes."""

import click

from ftzgraph.cli.group import Command
from ftzgraph.cli.options import graph_argument, lang_option
from ftzgraph.cli.output import progress
from ftzgraph.errors import FtzgraphError


@click.command(
    cls=Command,
    short_help="Check a graph against the shapes. 按 SHACL 约束检查图谱。",
    epilog="""ftzgraph validate output/graph.ttl""",
)
@graph_argument
@lang_option
def validate(graph: str, lang: str) -> None:
    """Check that every factor and link has its evidence and that all values are in order.

    按 SHACL 约束检查图谱：每个要素与联系是否都有出处，取值是否合规。不合规时退出状态为 1。
    """
    with progress("Validating" if lang == "en" else "检查图谱"):
        from ftzgraph.knowledge.validation import validate as validate_graph
        from ftzgraph.store import open_graph

        found = validate_graph(open_graph(graph))
    click.echo(found.render(lang=lang), nl=False)
    if not found.conforms:
        raise FtzgraphError(f"{graph} does not conform, faults: {len(found.violations)}")
