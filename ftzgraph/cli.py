"""The command line. Each command says what it does in English and Chinese; what it needs is imported when it runs."""

import errno
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from ftzgraph import __version__
from ftzgraph.errors import FtzgraphError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from ftzgraph.building import BuildResult
    from ftzgraph.evaluation import Evaluation
    from ftzgraph.files import Content
    from ftzgraph.knowledge.documents import Triples


ENGINE = "model"  # ftzgraph.extraction.DEFAULT, without importing spaCy for --help

# Those of ftzgraph.knowledge.serialisation, without importing rdflib for --help.
GRAPH_FORMATS = (
    "turtle", "ntriples", "trig", "nquads", "jsonld", "rdfxml", "csv", "graphml", "gexf", "kumu", "cypher",
)  # fmt: skip


class _Failure(click.ClickException):
    """An error of ftzgraph: one line, exit status 1."""

    def show(self, file: Any = None) -> None:
        click.echo(f"ftzgraph: {' '.join(self.message.split())}", err=True)


class _Command(click.Command):
    """A command whose epilog is examples, shown line by line."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        with formatter.section("Examples 示例"):
            for line in (self.epilog or "").splitlines():
                formatter.write(f"  {line}\n")


class _Commands(_Command, click.Group):
    """A group that lists its commands in the order of use and reports every :class:`FtzgraphError` in one line."""

    command_class = _Command

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, with streams that can take Chinese."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                # What goes to a file or a pipe is UTF-8 in every locale; a terminal gets what it can show.
                stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
        return super().main(*args, **kwargs)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FtzgraphError as error:
            raise _Failure(str(error)) from error
        except OSError as error:  # what no part foresaw, such as a full disk behind standard output
            if error.errno == errno.EPIPE:
                raise
            place = f"{error.filename}: " if error.filename else ""
            raise _Failure(f"{place}{error.strerror or error}") from error


def _check_confidence(ctx: click.Context, parameter: click.Parameter, value: float) -> float:
    if not 0 <= value <= 1:  # also catches NaN, which click's own range lets pass
        raise click.BadParameter(f"{value} is not between 0 and 1.")
    return value


def _bindings(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    bindings = dict(value.partition("=")[::2] for value in values)
    if not all("=" in value for value in values):
        raise click.BadParameter("write NAME=VALUE.")
    return bindings


_path = click.Path(path_type=Path, readable=False)  # what cannot be read is told like any other fault
_where = click.Path(path_type=str, readable=False)  # a graph file, a store folder or a URL, which a Path would spoil
graph_argument = click.argument("graph", type=_where)
lang_option = click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default="zh",
    envvar="FTZGRAPH_LANG",
    show_default=True,
    show_envvar=True,
    help="Language of what is written for people. 输出语言。",
)
confidence_option = click.option(
    "--min-confidence",
    type=float,
    default=0.0,
    show_default=True,
    callback=_check_confidence,
    help="Leave out factors and links below this confidence, 0 to 1. 最低置信度。",
)

text_column_option = click.option(
    "--text-column",
    metavar="NAME",
    help="The column of a table that holds the text; by default one named text or 正文. 表格中正文所在的列。",
)


def _engine_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add ``--engine`` and what the llm engine needs to know; the command gets them as ``engine`` and ``reader``."""

    @wraps(command)
    def run(
        engine: str, base_url: str, model: str, cache: Path | None, timeout: float, parallel: int, **others: Any
    ) -> None:
        reader: dict[str, str | int | float] = {}
        if engine == "llm":
            if cache is None and (output := others.get("output")):
                cache = output / "llm-cache"
            folder = str(cache.absolute()) if cache else ""
            reader = {"base_url": base_url, "model": model, "cache": folder, "timeout": timeout, "parallel": parallel}
        command(engine=engine, reader=reader, **others)

    options = (
        click.option(
            "--engine",
            default=ENGINE,
            show_default=True,
            metavar="model|rules|llm|NAME",
            help="The reader that finds factors and links: model (trained), rules (instant), llm (asks a language model), "
            "or one that you installed. 抽取引擎：model 训练模型，rules 规则，llm 大语言模型，或自装的引擎。",
        ),
        click.option(
            "--base-url",
            default="",
            envvar="FTZGRAPH_LLM_URL",
            show_envvar=True,
            help="llm: an OpenAI-compatible endpoint, as http://localhost:11434/v1. 接口地址。",
        ),
        click.option(
            "--model",
            default="",
            envvar="FTZGRAPH_LLM_MODEL",
            show_envvar=True,
            help="llm: the model's name there; the key comes from FTZGRAPH_LLM_KEY. 模型名；密钥取自环境变量。",
        ),
        click.option(
            "--cache",
            type=_path,
            help="llm: folder that keeps the answers; build has OUTPUT/llm-cache. 缓存回答的文件夹。",
        ),
        click.option(
            "--timeout",
            type=click.FloatRange(min=0, min_open=True),
            default=120.0,
            show_default=True,
            help="llm: seconds until an answer must be there. 超时秒数。",
        ),
        click.option(
            "--parallel",
            type=click.IntRange(1, 64),
            default=4,
            show_default=True,
            help="llm: questions that each process asks at a time; the result is the same for any number. 每个进程的并行请求数。",
        ),
    )
    for option in reversed(options):
        run = option(run)
    return run


def _check_format(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str:
    """Settle, before anything is read, in which format a graph is saved."""
    from ftzgraph.knowledge.serialisation import format_of

    output: Path | None = ctx.params.get("output")
    found = value or ("turtle" if output is None else format_of(output))
    if found is None:
        raise click.UsageError(f"{output}: no format has this suffix; choose one with --format.")
    if found == "csv" and output is None:
        raise click.UsageError("tables are two files: name that of the factors, as -o factors.csv.")
    return found


def _saving_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add what says where and how to save a graph; the command gets it as ``output`` and ``format_``."""
    output = click.option(
        "-o",
        "--output",
        type=_path,
        is_eager=True,  # the format depends on it
        help="File to write; standard output without it. 输出文件。",
    )
    form = click.option(
        "--format",
        "format_",
        type=click.Choice(GRAPH_FORMATS),
        callback=_check_format,
        help="The format; by default what the output's suffix says, else turtle. 目标格式。",
    )
    return output(form(command))


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    name="ftzgraph",
    epilog="""ftzgraph build data/ftz-upgrade-strategy.txt -o output/
ftzgraph query output/graph.ttl --name unanswered-barriers""",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """Turn the argument of Chinese policy documents into a knowledge graph with verbatim evidence.

    将中文政策文本中的问题、原因、后果、对策与目标及其相互联系抽取为知识图谱，每一条都附原文出处。
    """


@main.command(
    short_help="Build graph, page and report from documents. 由文档生成图谱、网页与报告。",
    epilog="""ftzgraph build paper.pdf -o output/
ftzgraph build reports/ notices.zip --jobs 2 --lang en
ftzgraph build notices.csv --text-column 正文
ftzgraph build new/ --store library/""",
)
@click.argument("sources", nargs=-1, required=True, type=_path, metavar="SOURCE...")
@click.option(
    "-o", "--output", type=_path, default="output", show_default=True, help="Folder for the outputs. 输出文件夹。"
)
@click.option(
    "--store",
    type=_where,
    help="Store folder, or URL of a SPARQL endpoint, to add the documents to. 文档另存入此文档库。",
)
@_engine_options
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
    prices: tuple[float, float] | None,
) -> None:
    """Read documents and write graph.ttl, graph.html, and the brief as report.md, report.html and report.docx.

    读取一篇或多篇文档（txt、md、pdf、docx、html，其所在文件夹、zip 压缩包，或每行一篇的 csv、jsonl 表格），写出图谱、网页与报告。

    Several documents make one graph; what is new or changed since the last build is read, the rest is not read again. One
    that cannot be read is passed over and told in failed.csv. The graph holds everything; --min-confidence is for page
    and report.
    """
    with (
        _progress("Reading documents" if lang == "en" else "读取文档") as progress,
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
            progress=progress,
        )
    _notes([document.notes for document in result.documents], prices, lang)
    for line in _told(result, output, store, lang):
        click.echo(line)
    if result.failed:
        raise FtzgraphError(f"{result.corpus.faults()}; see {output / FAILED}")


@main.command(
    short_help="Ask a graph in SPARQL. 用 SPARQL 查询图谱。",
    epilog="""\
ftzgraph query --list
ftzgraph query output/graph.ttl --name remedies-of-a-problem --param problem=压力测试
ftzgraph query output/graph.ttl "SELECT ?p ?text WHERE { ?p a ftz:Problem ; rdfs:label ?text }" --format csv""",
)
@click.argument("graph", type=_where, required=False)
@click.argument("sparql", required=False, metavar="[QUERY]")
@click.option("--name", help="Run the named query of this name. 运行具名查询。")
@click.option("--file", "file", type=_path, help="Run the query in this file. 运行文件中的查询。")
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
    with _progress("Asking" if lang == "en" else "查询图谱"):
        ask = queries.query if name is None else queries.run_named
        opened = open_store(graph)
    with opened, _ended_by_ctrl_c():
        result = ask(opened, name or sparql or "", **bindings)
    click.echo(result.render(format=format_, lang=lang), nl=False)


@main.command(
    short_help="Write the analyst's brief of a graph. 写出图谱的分析报告。",
    epilog="""ftzgraph analyse output/graph.ttl --lang en -o brief.docx
ftzgraph analyse output/graph.ttl --format json""",
)
@graph_argument
@click.option("-o", "--output", type=_path, help="File to write; standard output without it. 输出文件。")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["md", "html", "docx", "json"]),
    help="A brief as Markdown, page or Word document, or all results in JSON; by default what the output's suffix says, "
    "else md. 报告格式。",
)
@lang_option
@confidence_option
def analyse(graph: str, output: Path | None, format_: str | None, lang: str, min_confidence: float) -> None:
    """Find root causes, chains, loops, unanswered barriers and the remedies that reach most.

    分析根本原因、因果链、循环、无对策的障碍，以及覆盖面最大的最小对策组合。
    """
    if format_ is None:
        format_ = output.suffix.lower()[1:] if output else "md"
        if format_ not in ("md", "html", "docx", "json"):
            raise click.UsageError(f"{output}: no format has this suffix; choose one with --format.")
    if format_ == "docx" and output is None and sys.stdout.isatty():
        raise FtzgraphError("a Word document is nothing for a terminal: name a file with -o")
    with _progress("Analysing" if lang == "en" else "分析图谱"):
        from ftzgraph.analysis.measures import analyse as analyse_graph
        from ftzgraph.analysis.report import report
        from ftzgraph.brief.page import page
        from ftzgraph.brief.word import word
        from ftzgraph.store import open_graph

        analysis = analyse_graph(open_graph(graph), min_confidence=min_confidence)
        writers = {"md": report, "html": page, "docx": word, "json": lambda analysis, lang: analysis.to_json()}
        content = writers[format_](analysis, lang)
    _write(content, output)


@main.command(
    short_help="Compare two graphs. 比较两份图谱。",
    epilog="""ftzgraph diff 2023/graph.ttl 2024/graph.ttl
ftzgraph diff 2023/graph.ttl 2024/graph.ttl -o changes.html""",
)
@click.argument("before", type=_where, metavar="A")
@click.argument("after", type=_where, metavar="B")
@click.option(
    "-o", "--output", type=_path, help="A .html, .ttl, .csv, .json or .md file; standard output without it. 输出文件。"
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "csv", "json", "turtle"]),
    help="Form of the result; by default what the output's suffix says, else a table. 结果格式。",
)
@lang_option
@confidence_option
def diff(before: str, after: str, output: Path | None, format_: str | None, lang: str, min_confidence: float) -> None:
    """Tell what graph B has that A has not, what it lacks, and what is worded or judged otherwise.

    比较两份图谱（两篇文件、同一文件的两个版本，或两种引擎的结果）：新增、删去和改动了什么，哪些障碍有了对策或不再有对策。

    A page shows B and what it lacks of A, coloured by what became of each factor and link.
    """
    forms = {".html": "page", ".ttl": "turtle", ".csv": "csv", ".json": "json", ".md": "table"}
    form = format_ or ("table" if output is None else forms.get(output.suffix.lower()))
    if form is None:
        raise click.UsageError(f"{output} is none of {', '.join(forms)}; or choose a form with --format.")
    with _progress("Comparing" if lang == "en" else "比较图谱"):
        from ftzgraph.comparison.difference import diff as compare
        from ftzgraph.comparison.merging import overlay, union
        from ftzgraph.knowledge.serialisation import serialise
        from ftzgraph.store import open_graph

        first, second = open_graph(before), open_graph(after)
        difference = compare(first, second, min_confidence)
        if form == "page":
            from ftzgraph.rendering.explorer import render as render_page

            content = render_page(overlay(first, second, difference), lang=lang, min_confidence=min_confidence)
        elif form == "turtle":
            content = serialise(union(first, second, difference))
        else:
            content = difference.render("md" if form == "table" and output else form, lang)
    _write(content, output)


@main.command(
    short_help="Draw a graph as a page or a picture. 绘制网页或图片。",
    epilog="""ftzgraph render output/graph.ttl -o graph.html
ftzgraph render output/graph.ttl -o graph.svg
ftzgraph render output/graph.ttl -o answers.png --picture matrix""",
)
@graph_argument
@click.option(
    "-o", "--output", type=_path, default="graph.html", show_default=True, help="A .html, .svg or .png file. 输出文件。"
)
@click.option(
    "--picture",
    "kind",
    type=click.Choice(["core", "matrix"]),
    default="core",
    show_default=True,
    help="What a picture shows: the causal core, or which strategies answer which barriers. 图片内容：因果核心或障碍与对策对照。",
)
@lang_option
@confidence_option
def render(graph: str, output: Path, kind: Literal["core", "matrix"], lang: str, min_confidence: float) -> None:
    """Draw a graph as an interactive page that opens offline, or as a picture: SVG, or PNG (needs ftzgraph[picture]).

    将图谱绘制成可离线打开的交互网页，或 SVG、PNG 图片（PNG 需安装 ftzgraph[picture]）。
    """
    suffix = output.suffix.lower()
    if suffix not in (".html", ".svg", ".png"):
        raise click.UsageError(f"{output} is neither .html nor .svg nor .png.")
    with _progress("Drawing" if lang == "en" else "绘制图谱"):
        from ftzgraph.store import open_graph

        if suffix == ".html":
            from ftzgraph.files import write_atomically
            from ftzgraph.rendering.explorer import render as render_page

            write_atomically(output, render_page(open_graph(graph), lang=lang, min_confidence=min_confidence))
        else:
            from ftzgraph.rendering.picture import picture

            picture(open_graph(graph), output, lang, kind, min_confidence)
    click.echo(output)


@main.command(
    short_help="Check a graph against the shapes. 按 SHACL 约束检查图谱。",
    epilog="""ftzgraph validate output/graph.ttl""",
)
@graph_argument
@lang_option
def validate(graph: str, lang: str) -> None:
    """Check that every factor and link has its evidence and that all values are in order.

    按 SHACL 约束检查图谱：每个要素与联系是否都有出处，取值是否合规。不合规时退出状态为 1。
    """
    with _progress("Validating" if lang == "en" else "检查图谱"):
        from ftzgraph.knowledge.validation import validate as validate_graph
        from ftzgraph.store import open_graph

        found = validate_graph(open_graph(graph))
    click.echo(found.render(lang=lang), nl=False)
    if not found.conforms:
        raise FtzgraphError(f"{graph} does not conform, faults: {len(found.violations)}")


@main.command(
    short_help="Print the text of a document as the offsets count it. 输出文档文本。",
    epilog="""ftzgraph text paper.pdf > paper.txt
ftzgraph text notices.csv#12""",
)
@click.argument("file", type=_path)
@text_column_option
def text(file: Path, text_column: str | None) -> None:
    """Print the text of a document as it is read, which is the text that the offsets in a graph count.

    输出文档的原始文本；图谱中的字符位置即以此文本计。

    Of an archive or table name the document, as reports.zip#2024/paper.pdf or notices.csv#12.
    """
    from ftzgraph.corpora.sources import item
    from ftzgraph.reading.formats import parse

    found = item(file, text_column)
    click.echo(parse(found.data, Path(found.where)).text.encode(), nl=False)


@main.command(
    short_help="Serve explorer, SPARQL and named queries. 启动网页与查询服务。",
    epilog="""ftzgraph serve output/graph.ttl --port 8000
ftzgraph serve reports/ --writable""",
)
@graph_argument
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on. 监听地址。")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port. 端口。")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    help="Seconds that a query may take. 单次查询的时限（秒）。",
)
@lang_option
@confidence_option
@click.option(
    "--writable",
    is_flag=True,
    help="Take updates of a store folder from those who send the token in FTZGRAPH_TOKEN. 凭令牌接受更新（仅限存储文件夹）。",
)
@click.option("--cors", metavar="ORIGIN", help="Let pages of this origin ask, or any with *. 允许跨源访问的来源。")
def serve(
    graph: str,
    host: str,
    port: int,
    timeout: float,
    lang: str,
    min_confidence: float,
    writable: bool,
    cors: str | None,
) -> None:
    """Serve the explorer at /, a SPARQL endpoint at /sparql and the named queries at /queries, until Ctrl-C.

    启动本地服务，按 Ctrl-C 结束：/ 为交互网页，/sparql 为 SPARQL 接口，/queries 为常用查询。
    """
    from ftzgraph.service.server import Service

    token = os.environ.get("FTZGRAPH_TOKEN", "") if writable else ""
    if writable and not token:
        raise click.UsageError("--writable needs a token in the environment variable FTZGRAPH_TOKEN.")
    with _progress("Starting" if lang == "en" else "启动服务"):
        options: dict[str, Any] = {"lang": lang, "min_confidence": min_confidence, "time_limit": timeout}
        service = Service(graph, host, port, token=token, cors=cors, **options)
    click.echo(f"{service.url}  ·  {service.url}sparql  ·  Ctrl-C")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        service.run()
    except KeyboardInterrupt:
        click.echo()
    finally:
        service.close()


@main.command(
    short_help="Score the extraction against gold annotations. 与人工标注比对评分。",
    epilog="""ftzgraph evaluate gold/paper.json --errors
ftzgraph evaluate data/corpus/passages --split test --calibration""",
)
@click.argument("golds", nargs=-1, required=True, type=_path, metavar="GOLD...")
@click.option("--graph", type=_path, help="Score this graph instead of extracting anew. 评测已有图谱。")
@click.option(
    "--errors",
    is_flag=True,
    help="Add figures by type and list what was missed and what is wrong. 列出分类得分、遗漏与错误。",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="Form of the result. 结果格式。",
)
@click.option(
    "--split",
    type=click.Choice(["train", "dev", "test"]),
    help="Of the passages of a corpus, only these. 只评测语料的这一部分。",
)
@click.option("--calibration", is_flag=True, help="Add how far confidence can be trusted. 给出置信度的校准误差与取舍。")
@click.option("--reliability-plot", "plot", type=_path, help="Draw it as a PNG. 将可靠性曲线画成 PNG。")
@_engine_options
@lang_option
def evaluate(
    golds: tuple[Path, ...],
    graph: Path | None,
    errors: bool,
    format_: str,
    split: str | None,
    calibration: bool,
    plot: Path | None,
    engine: str,
    reader: dict[str, Any],
    lang: str,
) -> None:
    """Print precision, recall and F1 of factors and links against annotated documents.

    与人工标注比对，给出要素与联系的精确率、召回率和 F1。GOLD 为标注文件（json）、语料文件（txt）或其所在文件夹。
    """
    from ftzgraph.calibration import reliability_plot
    from ftzgraph.evaluation import evaluate as score
    from ftzgraph.evaluation import mean, pool
    from ftzgraph.extraction import extract
    from ftzgraph.gold import find_golds, load_gold
    from ftzgraph.knowledge.rdf import to_rdf
    from ftzgraph.knowledge.serialisation import load

    files = find_golds(golds, split)
    loaded = load(graph) if graph else None
    results, maps = [], []
    with _progress("Evaluating" if lang == "en" else "评测") as progress:
        for done, path in enumerate(files, start=1):
            gold = load_gold(path)
            if loaded is None:
                maps.append(extract(gold.document, engine, reader))
            results.append(score(gold, to_rdf(maps[-1]) if loaded is None else loaded))
            progress(done, len(files))
    _notes([dict(each.notes) for each in maps], None, lang)
    pooled = pool(results)
    if plot is not None:
        reliability_plot(pooled.claims, plot)
    if format_ == "json":
        figures = {"documents": [e.to_dict() for e in results], "mean": mean(results), "pooled": pooled.to_dict()}
        click.echo(_json(figures), nl=False)
        return
    english = lang == "en"
    if len(results) == 1:
        click.echo(results[0].name)
        _scores({level: (s.precision, s.recall, s.f1) for level, s in pooled.levels.items()}, lang)
    else:
        click.echo("F1 of each document" if english else "各篇 F1")
        _table([["", *pooled.levels], *([e.name, *(f"{s.f1:.3f}" for s in e.levels.values())] for e in results)])
        click.echo(f"mean of {len(results)}" if english else f"{len(results)} 篇平均")
        _scores(mean(results), lang)
        click.echo("all as one document" if english else "合为一篇")
        _scores({level: (s.precision, s.recall, s.f1) for level, s in pooled.levels.items()}, lang)
    if errors:
        _details(results[0] if len(results) == 1 else pooled, lang)
    if calibration:
        _calibration(pooled, lang)


@main.command(
    short_help="Write a graph in another format. 转换图谱格式。",
    epilog="""ftzgraph convert output/graph.ttl -o graph.graphml
ftzgraph convert output/graph.ttl -o tables/factors.csv
ftzgraph convert tables/factors.csv --format jsonld > graph.jsonld""",
)
@graph_argument
@_saving_options
def convert(graph: str, output: Path | None, format_: str) -> None:
    """Write a graph in another syntax of RDF, as tables, or for network tools and graph databases.

    将图谱转换为其他 RDF 格式、表格（CSV），或供 Gephi、Kumu、Neo4j 等工具使用的格式。
    """
    with _progress("Converting 转换图谱"):
        from ftzgraph.store import is_store, open_store, open_triples

        if format_ == "turtle" and is_store(graph):  # which may be larger than memory
            from ftzgraph.store.export import turtle

            with open_store(graph) as store:
                _write(turtle(store), output)
            return
        found = open_triples(graph)
    _save(found, output, format_)


@main.command(
    short_help="Put graphs together. 合并图谱。",
    epilog="""ftzgraph merge 2023/graph.ttl 2024/graph.ttl -o both.ttl
ftzgraph merge output/graph.ttl tables/factors.csv -o corrected.ttl""",
)
@click.argument("graphs", nargs=-1, required=True, type=_where, metavar="GRAPH...")
@_saving_options
def merge(graphs: tuple[str, ...], output: Path | None, format_: str) -> None:
    """Put graphs together into one; where two describe the same thing, the later one has the last word.

    将多份图谱合并为一份；对同一事物说法不同时，以排在后面的图谱为准。
    """
    with _progress("Merging 合并图谱"):
        from ftzgraph.knowledge.merging import merge as merge_graphs
        from ftzgraph.store import open_triples

        merged = merge_graphs([open_triples(graph) for graph in graphs])
    _save(merged, output, format_)


@main.command(
    short_help="Write the ontology as a page. 写出本体网页。",
    epilog="""ftzgraph ontology -o ontology.html""",
)
@click.option("-o", "--output", type=_path, help="File to write; standard output without it. 输出文件。")
@lang_option
def ontology(output: Path | None, lang: str) -> None:
    """Write the ontology as a page in both languages: terms, examples, questions, alignments, changes.

    将本体写成中英文对照的网页：术语、示例、能力问题、与其他词汇的对应、各版本的变化。--lang 指定以哪种语言在前。
    """
    from ftzgraph.knowledge.ontology_page import page

    _write(page(lang), output)


@main.group(
    cls=_Commands,
    short_help="List, add and remove the documents of a store. 管理文档库。",
    epilog="""ftzgraph store list library/
ftzgraph store add library/ output/graph.ttl
ftzgraph store remove library/ paper.txt""",
)
def store() -> None:
    """Look after a store: a folder that ``ftzgraph build --store`` made, or a SPARQL endpoint.

    管理文档库：由 ftzgraph build --store 建立的文件夹，或 SPARQL 接口。
    """


_store_argument = click.argument("place", type=_where, metavar="STORE")


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
@click.argument("graphs", nargs=-1, required=True, type=_where, metavar="GRAPH...")
def add_documents(place: str, graphs: tuple[str, ...]) -> None:
    """Add the documents of graphs to a store; those that are there already are replaced.

    将图谱中的文档存入文档库，已有的文档以新代旧。
    """
    from ftzgraph.store import open_store, read_triples

    with _progress("Adding 添加文档"), open_store(place, create=True) as opened:
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


@contextmanager
def _progress(task: str) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal that something is going on; yields a function that takes how many of how many are done."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn, Task
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.completed:.0f}/{task.total:.0f}, {task.speed or 0:.1f}/s" if task.total else "")

    text, bar, _, remaining = Progress.get_default_columns()
    with Progress(text, bar, Rate(), remaining, console=Console(stderr=True), transient=True) as bars:
        shown = bars.add_task(task, total=None)
        yield lambda done, total: bars.update(shown, completed=done, total=total)


@contextmanager
def _crew(cluster: str | None, jobs: int) -> "Iterator[tuple[Executor | None, int]]":
    """Connect to a cluster, if one is named; yields who is to work instead of own processes, and how many at a time."""
    if cluster is None:
        yield None, jobs
        return
    from ftzgraph.corpora.cluster import workers_of

    with workers_of(cluster) as found:
        yield found


@contextmanager
def _ended_by_ctrl_c() -> Iterator[None]:
    """Let Ctrl-C end the program at once, for an engine that is busy does not hear it."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


_NOTES_ZH = {
    "cached": "取自缓存的回答",
    "completion_tokens": "输出词元",
    "cues that do not stand with their link": "联系所在之处没有的线索词",
    "ids used twice": "重复的编号",
    "links to what is no factor": "端点不是要素的联系",
    "malformed factors": "残缺的要素",
    "prompt_tokens": "输入词元",
    "quotes given twice": "重复的引文",
    "quotes that are too long": "过长的引文",
    "quotes that do not stand in the text": "原文中没有的引文",
    "requests": "请求",
    "sections without a usable answer": "没有可用回答的小节",
    "types that the relation does not join": "类型不合的联系",
    "unknown relations": "未知的联系类型",
    "unknown types": "未知的要素类型",
}


def _told(result: "BuildResult", output: Path, store: str | None, lang: str) -> Iterator[str]:
    """What a build made, line by line."""
    documents, graph, english = result.documents, output / "graph.ttl", lang == "en"
    factors, links = sum(sum(each.factors.values()) for each in documents), sum(each.links for each in documents)
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


def _notes(counted: Iterable[Mapping[str, int]], prices: tuple[float, float] | None, lang: str) -> None:
    """Tell on standard error what a reader counted: what it asked, what it refused, what that cost."""
    counts: dict[str, int] = {}
    for name, number in (note for notes in counted for note in notes.items()):
        counts[name] = counts.get(name, 0) + number
    if not counts:
        return
    click.echo("The reader counted:" if lang == "en" else "引擎计数：", err=True)
    for name, number in sorted(counts.items()):
        if lang == "en":
            click.echo(f"  {name.replace('_', ' ')}: {number}", err=True)
        else:
            click.echo(f"  {_NOTES_ZH.get(name, name)}：{number}", err=True)
    if prices:
        spent = sum(counts.get(f"{k}_tokens", 0) * p for k, p in zip(("prompt", "completion"), prices, strict=True))
        click.echo(f"  {'cost: ' if lang == 'en' else '费用：'}{spent / 1e6:.4f}", err=True)


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


def _scores(levels: dict[str, tuple[float, float, float]], lang: str) -> None:
    names = ("precision", "recall", "F1") if lang == "en" else ("精确率", "召回率", "F1")
    for level, figures in levels.items():
        said = "  ".join(f"{name} {figure:.3f}" for name, figure in zip(names, figures, strict=True))
        click.echo(f"  {level:17s} {said}")


def _details(evaluation: "Evaluation", lang: str) -> None:
    english = lang == "en"
    click.echo("by type" if english else "按类型")
    _scores({name: (s.precision, s.recall, s.f1) for name, s in evaluation.types.items()}, lang)
    click.echo("annotated ↓ found →" if english else "标注 ↓ 抽取 →")
    names = [name for name in (*evaluation.types, "") if any(name in pair for pair in evaluation.confusion)]
    nothing = "nothing" if english else "无"
    rows = [[g or nothing, *(str(evaluation.confusion.get((g, p), 0) or "·") for p in names)] for g in names]
    _table([["", *(name or nothing for name in names)], *rows])
    kinds = {"missed": "missed", "wrong": "wrong "} if english else {"missed": "遗漏", "wrong": "错误"}
    for fault in evaluation.faults:
        sure = f" {fault.confidence:.2f}" if fault.confidence else ""
        click.echo(f"  {kinds[fault.kind]}{sure}  {fault.label}  {fault.text}")


def _calibration(evaluation: "Evaluation", lang: str) -> None:
    from ftzgraph.calibration import expected_error, reliability, trade

    english = lang == "en"
    kinds = {"factor": "factors", "link": "links"} if english else {"factor": "要素", "link": "联系"}
    for kind, name in kinds.items():
        claims = [c for c in evaluation.claims if c.kind == kind]
        bins = reliability(claims)
        error = f"expected calibration error {expected_error(bins):.3f}"
        click.echo(f"{name}: {error}" if english else f"{name}：期望校准误差 {expected_error(bins):.3f}")
        head = ["confidence", "number", "mean", "right"] if english else ["置信度", "个数", "平均", "正确率"]
        _table(
            [
                head,
                *(
                    [f"{b.low:.1f}–{b.high:.1f}", str(b.count), f"{b.confidence:.3f}", f"{b.accuracy:.3f}"]
                    for b in bins
                ),
            ]
        )
        head = (
            ["at least", "left", "precision", "right ones kept"]
            if english
            else ["不低于", "剩余", "精确率", "保留的正确项"]
        )
        rows = trade(claims, (0.0, 0.3, 0.5, 0.7, 0.9))
        _table([head, *([f"{t:.1f}", str(n), f"{p:.3f}", f"{k:.3f}"] for t, n, p, k in rows)])


def _table(rows: list[list[str]]) -> None:
    """Print columns, the first aligned left, the others right; a Chinese character is two columns wide."""
    from rich.cells import cell_len

    widths = [max(cell_len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        first = row[0] + " " * (widths[0] - cell_len(row[0]))
        rest = [" " * (w - cell_len(x)) + x for x, w in zip(row[1:], widths[1:], strict=True)]
        click.echo("  " + "  ".join([first, *rest]).rstrip())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _save(graph: "Triples", output: Path | None, format_: str) -> None:
    from ftzgraph.files import write_together
    from ftzgraph.knowledge.serialisation import outputs, serialise

    if output is None:
        click.echo(serialise(graph, format_), nl=False)
        return
    contents = outputs(graph, output, format_)
    write_together(contents)
    for path in contents:
        click.echo(path)


def _write(content: "Content", output: Path | None) -> None:
    if output is None:
        for piece in (content,) if isinstance(content, str | bytes) else content:
            click.echo(piece, nl=False)
        return
    from ftzgraph.files import write_atomically

    write_atomically(output, content)
    click.echo(output)
