"""``ftzgraph convert`` and ``ftzgraph merge``: graphs in other formats, several as one."""

from pathlib import Path

import click

from ftzgraph.cli.group import Command
from ftzgraph.cli.options import WHERE, graph_argument, saving_options
from ftzgraph.cli.output import progress, save, write


@click.command(
    cls=Command,
    short_help="Write a graph in another format. 转换图谱格式。",
    epilog="""ftzgraph convert output/graph.ttl -o graph.graphml
ftzgraph convert output/graph.ttl -o tables/factors.csv
ftzgraph convert tables/factors.csv --format jsonld > graph.jsonld""",
)
@graph_argument
@saving_options
def convert(graph: str, output: Path | None, format_: str) -> None:
    """Write a graph in another syntax of RDF, as tables, or for network tools and graph databases.

    将图谱转换为其他 RDF 格式、表格（CSV），或供 Gephi、Kumu、Neo4j 等工具使用的格式。
    """
    with progress("Converting 转换图谱"):
        from ftzgraph.store import is_store, open_store, open_triples

        if format_ == "turtle" and is_store(graph):  # which may be larger than memory
            from ftzgraph.store.export import turtle

            with open_store(graph) as store:
                write(turtle(store), output)
            return
        found = open_triples(graph)
    save(found, output, format_)


@click.command(
    cls=Command,
    short_help="Put graphs together. 合并图谱。",
    epilog="""ftzgraph merge 2023/graph.ttl 2024/graph.ttl -o both.ttl
ftzgraph merge output/graph.ttl tables/factors.csv -o corrected.ttl""",
)
@click.argument("graphs", nargs=-1, required=True, type=WHERE, metavar="GRAPH...")
@saving_options
def merge(graphs: tuple[str, ...], output: Path | None, format_: str) -> None:
    """Put graphs together into one; where two describe the same thing, the later one has the last word.

    将多份图谱合并为一份；对同一事物说法不同时，以排在后面的图谱为准。
    """
    with progress("Merging 合并图谱"):
        from ftzgraph.knowledge.merging import merge as merge_graphs
        from ftzgraph.store import open_triples

        merged = merge_graphs([open_triples(graph) for graph in graphs])
    save(merged, output, format_)
