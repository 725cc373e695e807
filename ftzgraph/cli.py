"""The command line. Each command says what it does in English and Chinese; what it needs is imported when it runs."""

import errno
import json
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from ftzgraph import __version__
from ftzgraph.errors import FtzgraphError

if TYPE_CHECKING:
    from ftzgraph.causalmap import CausalMap
    from ftzgraph.evaluation import Evaluation


ENGINE = "model"  # ftzgraph.extraction.DEFAULT, without importing spaCy for --help


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
graph_argument = click.argument("graph", type=_path)
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
ftzgraph build reports/ --jobs 2 --lang en""",
)
@click.argument("sources", nargs=-1, required=True, type=_path, metavar="SOURCE...")
@click.option(
    "-o", "--output", type=_path, default="output", show_default=True, help="Folder for the outputs. 输出文件夹。"
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
    "--prices",
    type=float,
    nargs=2,
    metavar="IN OUT",
    help="llm: price of a million tokens asked and answered, to tell the cost. 每百万输入、输出词元的价格。",
)
def build(
    sources: tuple[Path, ...],
    output: Path,
    engine: str,
    reader: dict[str, Any],
    lang: str,
    min_confidence: float,
    jobs: int,
    prices: tuple[float, float] | None,
) -> None:
    """Read documents and write graph.ttl, graph.html, and the brief as report.md, report.html and report.docx.

    读取一篇或多篇文档（txt、md、pdf、docx、html，或其所在文件夹），写出图谱、网页与报告（Markdown、网页、Word）。

    Several documents make one graph. If one of them cannot be read, nothing is written. The graph holds everything;
    --min-confidence is for page and report.
    """
    with _progress("Reading documents" if lang == "en" else "读取文档") as progress:
        from ftzgraph.building import build as build_all

        result = build_all(
            sources,
            output,
            engine=engine,
            settings=reader,
            lang=lang,
            min_confidence=min_confidence,
            jobs=jobs,
            progress=progress,
        )
    _notes(result.maps, prices, lang)
    factors, links = (sum(len(getattr(m, part)) for m in result.maps) for part in ("factors", "links"))
    page = next(path for path in result.written if path.suffix == ".html")
    if lang == "en":
        click.echo(f"Documents: {len(result.maps)}, factors: {factors}, links: {links}. Written:")
        closing = f"Open {page} in a browser."
    else:
        click.echo(f"文档 {len(result.maps)} 篇，要素 {factors} 个，联系 {links} 条。已写出：")
        closing = f"请用浏览器打开 {page}。"
    for path in result.written:
        click.echo(f"  {path}")
    click.echo(closing)


@main.command(
    short_help="Ask a graph in SPARQL. 用 SPARQL 查询图谱。",
    epilog="""\
ftzgraph query --list
ftzgraph query output/graph.ttl --name remedies-of-a-problem --param problem=压力测试
ftzgraph query output/graph.ttl "SELECT ?p ?text WHERE { ?p a ftz:Problem ; rdfs:label ?text }" --format csv""",
)
@click.argument("graph", type=_path, required=False)
@click.argument("sparql", required=False, metavar="[QUERY]")
@click.option("--name", help="Run the named query of this name. 运行具名查询。")
@click.option("--file", "file", type=_path, help="Run the query in this file. 运行文件中的查询。")
@click.option("--list", "list_", is_flag=True, help="List the named queries. 列出全部具名查询。")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "csv", "json", "turtle"]),
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
    graph: Path | None,
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
    from ftzgraph.knowledge.serialisation import load

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
        result = ask(load(graph), name or sparql or "", **bindings)
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
def analyse(graph: Path, output: Path | None, format_: str | None, lang: str, min_confidence: float) -> None:
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
        from ftzgraph.knowledge.serialisation import load

        analysis = analyse_graph(load(graph), min_confidence=min_confidence)
        writers = {"md": report, "html": page, "docx": word, "json": lambda analysis, lang: analysis.to_json()}
        content = writers[format_](analysis, lang)
    _write(content, output)


@main.command(
    short_help="Compare two graphs. 比较两份图谱。",
    epilog="""ftzgraph diff 2023/graph.ttl 2024/graph.ttl
ftzgraph diff 2023/graph.ttl 2024/graph.ttl -o changes.html""",
)
@click.argument("before", type=_path, metavar="A")
@click.argument("after", type=_path, metavar="B")
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
def diff(before: Path, after: Path, output: Path | None, format_: str | None, lang: str, min_confidence: float) -> None:
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
        from ftzgraph.knowledge.serialisation import load, serialise

        first, second = load(before), load(after)
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
def render(graph: Path, output: Path, kind: Literal["core", "matrix"], lang: str, min_confidence: float) -> None:
    """Draw a graph as an interactive page that opens offline, or as a picture: SVG, or PNG (needs ftzgraph[picture]).

    将图谱绘制成可离线打开的交互网页，或 SVG、PNG 图片（PNG 需安装 ftzgraph[picture]）。
    """
    suffix = output.suffix.lower()
    if suffix not in (".html", ".svg", ".png"):
        raise click.UsageError(f"{output} is neither .html nor .svg nor .png.")
    with _progress("Drawing" if lang == "en" else "绘制图谱"):
        from ftzgraph.knowledge.serialisation import load

        if suffix == ".html":
            from ftzgraph.files import write_atomically
            from ftzgraph.rendering.explorer import render as render_page

            write_atomically(output, render_page(load(graph), lang=lang, min_confidence=min_confidence))
        else:
            from ftzgraph.rendering.picture import picture

            picture(load(graph), output, lang, kind, min_confidence)
    click.echo(output)


@main.command(
    short_help="Check a graph against the shapes. 按 SHACL 约束检查图谱。",
    epilog="""ftzgraph validate output/graph.ttl""",
)
@graph_argument
@lang_option
def validate(graph: Path, lang: str) -> None:
    """Check that every factor and link has its evidence and that all values are in order.

    按 SHACL 约束检查图谱：每个要素与联系是否都有出处，取值是否合规。不合规时退出状态为 1。
    """
    with _progress("Validating" if lang == "en" else "检查图谱"):
        from ftzgraph.knowledge.serialisation import load
        from ftzgraph.knowledge.validation import validate as validate_graph

        found = validate_graph(load(graph))
    click.echo(found.render(lang=lang), nl=False)
    if not found.conforms:
        raise FtzgraphError(f"{graph} does not conform, faults: {len(found.violations)}")


@main.command(
    short_help="Print the text of a document as the offsets count it. 输出文档文本。",
    epilog="""ftzgraph text paper.pdf > paper.txt""",
)
@click.argument("file", type=_path)
def text(file: Path) -> None:
    """Print the text of a document as it is read, which is the text that the offsets in a graph count.

    输出文档的原始文本；图谱中的字符位置即以此文本计。
    """
    from ftzgraph.reading import source_text

    click.echo(source_text(file).encode(), nl=False)


@main.command(
    short_help="Serve explorer and SPARQL endpoint. 启动网页与 SPARQL 服务。",
    epilog="""ftzgraph serve output/graph.ttl --port 8000""",
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
def serve(graph: Path, host: str, port: int, timeout: float, lang: str, min_confidence: float) -> None:
    """Serve the explorer at / and a read-only SPARQL endpoint at /sparql, until Ctrl-C.

    启动只读服务：/ 为交互网页，/sparql 为 SPARQL 查询接口，按 Ctrl-C 结束。
    """
    from ftzgraph.knowledge.serialisation import load
    from ftzgraph.service import Service

    with _progress("Starting" if lang == "en" else "启动服务"):
        server = Service(load(graph), host, port, lang=lang, min_confidence=min_confidence, time_limit=timeout)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"http://{shown}:{server.server_port}/  ·  http://{shown}:{server.server_port}/sparql  ·  Ctrl-C")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        click.echo()
    finally:
        server.server_close()


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
    _notes(maps, None, lang)
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
ftzgraph convert output/graph.ttl --format jsonld > graph.jsonld""",
)
@graph_argument
@click.option("-o", "--output", type=_path, help="File to write; standard output without it. 输出文件。")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["turtle", "ntriples", "jsonld", "graphml"]),
    help="The format; by default what the output's suffix says, else turtle. 目标格式。",
)
def convert(graph: Path, output: Path | None, format_: str | None) -> None:
    """Write a graph as Turtle, N-Triples, JSON-LD, or as GraphML for Gephi and other network tools.

    将图谱转换为 Turtle、N-Triples、JSON-LD，或供 Gephi 等工具使用的 GraphML。
    """
    from ftzgraph.knowledge.serialisation import FORMATS, load, serialise

    if format_ is None and output is not None:
        format_ = next((name for name, suffix in FORMATS.items() if suffix == output.suffix.lower()), None)
        if format_ is None:
            raise click.UsageError(f"{output}: no format has this suffix; choose one with --format.")
    with _progress("Converting 转换图谱"):
        content = serialise(load(graph), format_ or "turtle")
    _write(content, output)


@contextmanager
def _progress(task: str) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal that something is going on; yields a function that takes how many of how many are done."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(task, total=None)
        yield lambda done, total: bars.update(bar, completed=done, total=total)


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


def _notes(maps: "Iterable[CausalMap]", prices: tuple[float, float] | None, lang: str) -> None:
    """Tell on standard error what a reader counted: what it asked, what it refused, what that cost."""
    counts: dict[str, int] = {}
    for name, number in (note for one in maps for note in one.notes):
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


def _write(content: str | bytes, output: Path | None) -> None:
    if output is None:
        click.echo(content, nl=False)
        return
    from ftzgraph.files import write_atomically

    write_atomically(output, content)
    click.echo(output)
