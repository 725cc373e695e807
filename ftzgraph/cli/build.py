"""``ftzgraph build``: documents become a graph, a page and a report."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ftzgraph.cli.group import Command
from ftzgraph.cli.notes import show_notes
from ftzgraph.cli.options import PATH, WHERE, confidence_option, engine_options, lang_option, text_column_option
from ftzgraph.cli.output import progress
from ftzgraph.cli.review import show_replayed
from ftzgraph.errors import FtzgraphError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from ftzgraph.building import BuildResult


@click.command(
    cls=Command,
    short_help="Build graph, page and report from documents. 由文档生成图谱、网页与报告。",
    epilog="""ftzgraph build paper.pdf -o output/
ftzgraph build reports/ notices.zip --jobs 2 --lang en
ftzgraph build notices.csv --text-column 正文
ftzgraph build new/ --store library/""",
)
@click.argument("sources", nargs=-1, required=True, type=PATH, metavar="SOURCE...")
@click.option(
    "-o", "--output", type=PATH, default="output", show_default=True, help="Folder for the outputs. 输出文件夹。"
)
@click.option(
    "--store",
    type=WHERE,
    help="Store folder, or URL of a SPARQL endpoint, to add the documents to. 文档另存入此文档库。",
)
@engine_options
@lang_option
@confidence_option
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Number of processes; the outputs are the same for any number. 并行进程数。",
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Let the workers of this Dask cluster read instead, as tcp://10.0.0.5:8786. 改由 Dask 集群处理。",
)
@text_column_option
@click.option(
    "--fresh",
    is_flag=True,
    help="Read everything anew, also what an earlier build read. 全部重新读取，不用先前的结果。",
)
@click.option(
    "--decisions",
    type=PATH,
    help="What reviewers decided, to be applied to the graph; see ftzgraph review. 套用审阅决定。",
)
@click.option(
    "--prices",
    type=float,
    nargs=2,
    metavar="IN OUT",
    help="llm: price of a million tokens asked and answered, to tell the cost. 每百万输入、输出词元的价格。",
)
def build(
    sources: tuple[Path, ...],
    output: Path,
    store: str | None,
    engine: str,
    reader: dict[str, Any],
    lang: str,
    min_confidence: float,
    jobs: int,
    cluster: str | None,
    text_column: str | None,
    fresh: bool,
    decisions: Path | None,
    prices: tuple[float, float] | None,
) -> None:
    """Read documents and write graph.ttl, graph.html, and the brief as report.md, report.html and report.docx.

    读取一篇或多篇文档（txt、md、pdf、docx、html，其所在文件夹、zip 压缩包，或每行一篇的 csv、jsonl 表格），写出图谱、网页与报告。

    Several documents make one graph; what is new or changed since the last build is read, the rest is not read again. One
    that cannot be read is passed over and told in failed.csv. Decisions that cannot be applied any more are told in
    stale.csv. The graph holds everything; --min-confidence is for page and report.
    """
    with (
        progress("Reading documents" if lang == "en" else "读取文档") as advance,
        _crew(cluster, jobs) as (executor, hands),
    ):
        from ftzgraph.building import FAILED
        from ftzgraph.building import build as build_all

        result = build_all(
            sources,
            output,
            store=store,
            engine=engine,
            settings=reader,
            lang=lang,
            min_confidence=min_confidence,
            jobs=hands,
            executor=executor,
            text_column=text_column,
            fresh=fresh,
            decisions=decisions,
            progress=advance,
        )
    show_notes([document.notes for document in result.documents], prices, lang)
    if result.reviewed:
        show_replayed(result.reviewed, output, lang)
    for line in _told(result, output, store, lang):
        click.echo(line)
    if result.failed:
        raise FtzgraphError(f"{result.corpus.faults()}; see {output / FAILED}")


@contextmanager
def _crew(cluster: str | None, jobs: int) -> "Iterator[tuple[Executor | None, int]]":
    """Connect to a cluster, if one is named; yields who is to work instead of own processes, and how many at a time."""
    if cluster is None:
        yield None, jobs
        return
    from ftzgraph.corpora.cluster import workers_of

    with workers_of(cluster) as found:
        yield found


def _told(result: "BuildResult", output: Path, store: str | None, lang: str) -> Iterator[str]:
    """What a build made, line by line."""
    documents, graph, english = result.documents, output / "graph.ttl", lang == "en"
    factors, links = sum(sum(each.factors.values()) for each in documents), sum(each.links for each in documents)
    if result.reviewed:
        factors, links = result.reviewed.factors, result.reviewed.links
    if english:
        yield f"Documents: {len(documents)}, factors: {factors}, links: {links}. Written:"
    else:
        yield f"文档 {len(documents)} 篇，要素 {factors} 个，联系 {links} 条。已写出："
    yield from (f"  {place}" for place in (*result.written, *([store.partition("?")[0]] if store else [])))
    if result.corpus.repeats:
        n = result.corpus.repeats
        yield (
            f"Sources that repeat another one: {n}."
            if english
            else f"与其他文档内容完全相同、未重复计入的来源：{n} 个。"
        )
    for table, columns in result.corpus.unused.items():
        names = ", ".join(columns)
        yield f"Columns of {table} that were not used: {names}" if english else f"{table} 中未使用的列：{names}"
    if not result.left_out:
        page = output / "graph.html"
        yield f"Open {page} in a browser." if english else f"请用浏览器打开 {page}。"
        return
    if english:
        yield "The graph is too large for a page and a report to be made unasked. Ask it, or make them all the same:"
    else:
        yield "图谱过大，未自动生成网页与报告。可直接查询图谱，或用以下命令生成："
    yield f"  ftzgraph query {graph} --name unanswered-barriers"
    yield f"  ftzgraph render {graph} -o {output / 'graph.html'} --min-confidence 0.8"
    yield f"  ftzgraph analyse {graph} -o {output / 'report.html'} --min-confidence 0.8"
