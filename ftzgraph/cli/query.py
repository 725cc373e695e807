"""``ftzgraph query``: SPARQL and the named queries."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ftzgraph.cli.group import Command
from ftzgraph.cli.options import PATH, WHERE, lang_option
from ftzgraph.cli.output import progress
from ftzgraph.errors import FtzgraphError


def _bindings(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    bindings = dict(value.partition("=")[::2] for value in values)
    if not all("=" in value for value in values):
        raise click.BadParameter("write NAME=VALUE.")
    return bindings


@click.command(
    cls=Command,
    short_help="Ask a graph in SPARQL. 用 SPARQL 查询图谱。",
    epilog="""\
ftzgraph query --list
ftzgraph query output/graph.ttl --name remedies-of-a-problem --param problem=压力测试
ftzgraph query output/graph.ttl "SELECT ?p ?text WHERE { ?p a ftz:Problem ; rdfs:label ?text }" --format csv""",
)
@click.argument("graph", type=WHERE, required=False)
@click.argument("sparql", required=False, metavar="[QUERY]")
@click.option("--name", help="Run the named query of this name. 运行具名查询。")
@click.option("--file", "file", type=PATH, help="Run the query in this file. 运行文件中的查询。")
@click.option("--list", "list_", is_flag=True, help="List the named queries. 列出全部具名查询。")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "csv", "tsv", "json", "xml", "turtle"]),
    default="table",
    show_default=True,
    help="Form of the answer; turtle is for CONSTRUCT and DESCRIBE. 结果格式。",
)
@click.option(
    "--param",
    "bindings",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_bindings,
    help="Bind a variable of the query; repeatable. 绑定查询变量，可重复。",
)
@lang_option
def query(
    graph: str | None,
    sparql: str | None,
    name: str | None,
    file: Path | None,
    list_: bool,
    format_: str,
    bindings: dict[str, str],
    lang: str,
) -> None:
    """Ask a graph in SPARQL, or run one of the named queries.

    用 SPARQL 查询图谱，或运行随程序提供的具名查询。

    The prefixes ftz, id, rdf, rdfs, skos, prov, oa, dcterms and xsd need not be declared.
    """
    from ftzgraph.knowledge import queries
    from ftzgraph.store import open_store

    if list_:
        _list_queries(lang)
        return
    given = [text for text in (sparql, name, file) if text is not None]
    if graph is None or len(given) != 1:
        raise click.UsageError("Give a graph and one of QUERY, --name and --file; or --list.")
    if file:
        sparql = _read_query(file)
    with progress("Asking" if lang == "en" else "查询图谱"):
        ask = queries.query if name is None else queries.run_named
        opened = open_store(graph)
    with opened, _ended_by_ctrl_c():
        result = ask(opened, name or sparql or "", **bindings)
    click.echo(result.render(format=format_, lang=lang), nl=False)


def _list_queries(lang: str) -> None:
    from ftzgraph.knowledge.queries import named_queries

    for name, named in named_queries().items():
        title, description = (
            (named.title_en, named.description_en) if lang == "en" else (named.title_zh, named.description_zh)
        )
        click.echo(f"{name}\n    {title}\n    {description}")
        for key, parameter in named.parameters.items():
            given = f"={parameter.default}" if parameter.default is not None else ""
            click.echo(f"    --param {key}{given}  {parameter.en if lang == 'en' else parameter.zh}")


def _read_query(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FtzgraphError(f"{path}: {getattr(error, 'strerror', None) or 'not UTF-8 text'}") from error


@contextmanager
def _ended_by_ctrl_c() -> Iterator[None]:
    """Let Ctrl-C end the program at once, for an engine that is busy does not hear it."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
