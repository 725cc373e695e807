"""``ftzgraph analyse``: the brief of a graph."""

import sys
from pathlib import Path

import click

from ftzgraph.cli.group import Command
from ftzgraph.cli.options import PATH, confidence_option, graph_argument, lang_option
from ftzgraph.cli.output import progress, write
from ftzgraph.errors import FtzgraphError


@click.command(
    cls=Command,
    short_help="Write the analyst's brief of a graph. 写出图谱的分析报告。",
    epilog="""ftzgraph analyse output/graph.ttl --lang en -o brief.docx
ftzgraph analyse output/graph.ttl --format json""",
)
@graph_argument
@click.option("-o", "--output", type=PATH, help="File to write; standard output without it. 输出文件。")
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
    with progress("Analysing" if lang == "en" else "分析图谱"):
        from ftzgraph.analysis.measures import analyse as analyse_graph
        from ftzgraph.analysis.report import report
        from ftzgraph.brief.page import page
        from ftzgraph.brief.word import word
        from ftzgraph.store import open_graph

        analysis = analyse_graph(open_graph(graph), min_confidence=min_confidence)
        writers = {"md": report, "html": page, "docx": word, "json": lambda analysis, lang: analysis.to_json()}
        content = writers[format_](analysis, lang)
    write(content, output)
