"""``ftzgraph store``: the documents of a store listed, added, removed."""

import click

from ftzgraph.cli.group import Commands
from ftzgraph.cli.options import WHERE, lang_option
from ftzgraph.cli.output import progress


@click.group(
    cls=Commands,
    short_help="List, add and remove the documents of a store. 管理文档库。",
    epilog="""ftzgraph store list library/
ftzgraph store add library/ output/graph.ttl
ftzgraph store remove library/ paper.txt""",
)
def store() -> None:
    """Look after a store: a folder that ``ftzgraph build --store`` made, or a SPARQL endpoint.

    管理文档库：由 ftzgraph build --store 建立的文件夹，或 SPARQL 接口。
    """


_store_argument = click.argument("place", type=WHERE, metavar="STORE")


@store.command(name="list", short_help="List the documents. 列出文档。", epilog="ftzgraph store list library/")
@_store_argument
@lang_option
def list_documents(place: str, lang: str) -> None:
    """List the documents of a store.

    列出文档库中的文档。
    """
    from ftzgraph.store import open_store

    with open_store(place) as opened:
        click.echo(opened.listing().render(lang=lang), nl=False)


@store.command(
    name="add",
    short_help="Add the documents of graphs. 添加文档。",
    epilog="ftzgraph store add library/ output/graph.ttl",
)
@_store_argument
@click.argument("graphs", nargs=-1, required=True, type=WHERE, metavar="GRAPH...")
def add_documents(place: str, graphs: tuple[str, ...]) -> None:
    """Add the documents of graphs to a store; those that are there already are replaced.

    将图谱中的文档存入文档库，已有的文档以新代旧。
    """
    from ftzgraph.store import open_store, read_triples

    with progress("Adding 添加文档"), open_store(place, create=True) as opened:
        added = [document for graph in graphs for document in opened.add(read_triples(graph))]
    for document in added:
        click.echo(document)


@store.command(
    name="remove",
    short_help="Remove documents. 删除文档。",
    epilog="ftzgraph store remove library/ paper.txt id:0738905328c7",
)
@_store_argument
@click.argument("documents", nargs=-1, required=True, metavar="DOCUMENT...")
def remove_documents(place: str, documents: tuple[str, ...]) -> None:
    """Remove documents from a store; each is told by its IRI or its file name.

    从文档库删除文档，文档以标识或文件名指明。
    """
    from ftzgraph.store import open_store

    with open_store(place) as opened:
        for document in documents:
            click.echo(opened.remove(document).iri)
