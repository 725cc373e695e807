"""``ftzgraph concepts``: factors that mean the same, in one document or across many."""

from pathlib import Path

import click

from ftzgraph.cli.group import Command
from ftzgraph.cli.options import graph_argument, saving_options
from ftzgraph.cli.output import progress, save


@click.command(
    cls=Command,
    short_help="Group factors that mean the same. 归并同义要素。",
    epilog="""ftzgraph concepts output/graph.ttl -o output/concepts.ttl
ftzgraph query output/concepts.ttl --name recurring-barriers
ftzgraph render output/concepts.ttl -o output/concepts.html""",
)
@graph_argument
@saving_options
def concepts(graph: str, output: Path | None, format_: str) -> None:
    """Group the factors of a graph that mean the same into concepts, and count the documents that state each.

    Writes the graph with its concepts; every factor keeps its quote. Repeats within a document and copies of it count once. A
    store gets the concepts itself where no file is named.

    将图谱中含义相同的要素归为概念，并统计各有多少份独立文件提出。输出原图谱及其概念，每个要素仍保留原文；同一文件中的重复和相互抄录的文件只计一次。不指定文件时，文档库的概念直接写入库中。
    """
    with progress("Comparing 比对要素") as told:
        from ftzgraph.concepts.rdf import concepts as found_in
        from ftzgraph.concepts.rdf import with_concepts
        from ftzgraph.store import is_store, open_store

        with open_store(graph) as store:
            if output is None and is_store(graph):
                store.replace_concepts(list(found_in(store, told)))
                return
            found = with_concepts(store, told)
    save(found, output, format_)
