"""``ftzgraph analyse``: the brief of a graph."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ftzgraph.cli.group import Command
from ftzgraph.cli.options import PATH, confidence_option, graph_argument, lang_option
from ftzgraph.cli.output import progress, write
from ftzgraph.errors import FtzgraphError

if TYPE_CHECKING:
    from ftzgraph.files import Content
    from ftzgraph.store import Store


@click.command(
    cls=Command,
    short_help="Write the analyst's brief of a graph. 写出图谱的分析报告。",
    epilog="""ftzgraph analyse output/graph.ttl --lang en -o brief.docx
ftzgraph analyse output/concepts.ttl --lang en -o across.html
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

    Of a graph with concepts: which barriers recur across documents, what was tried against them, when, where and by whom.

    分析根本原因、因果链、循环、无对策的障碍，以及覆盖面最大的最小对策组合。图谱已归并概念时，则综述多份文件：哪些障碍反复出现，何时、何地、由谁试过哪些对策。
    """
    if format_ is None:
        format_ = output.suffix.lower()[1:] if output else "md"
        if format_ not in ("md", "html", "docx", "json"):
            raise click.UsageError(f"{output}: no format has this suffix; choose one with --format.")
    if format_ == "docx" and output is None and sys.stdout.isatty():
        raise FtzgraphError("a Word document is nothing for a terminal: name a file with -o")
    with progress("Analysing" if lang == "en" else "分析图谱"):
        from ftzgraph.corpusmap.records import has_concepts
        from ftzgraph.store import open_store

        with open_store(graph) as store:
            make = _corpus_brief if has_concepts(store) else _brief
            content = make(store, format_, lang, min_confidence)
    write(content, output)


def _brief(store: "Store", format_: str, lang: str, min_confidence: float) -> "Content":
    """What each document argues."""
    from ftzgraph.analysis.measures import analyse as analyse_graph
    from ftzgraph.analysis.report import report
    from ftzgraph.brief.page import page
    from ftzgraph.brief.word import word

    analysis = analyse_graph(store.graph(), min_confidence=min_confidence)
    if format_ == "json":
        return analysis.to_json()
    return (
        report(analysis, lang)
        if format_ == "md"
        else page(analysis, lang)
        if format_ == "html"
        else word(analysis, lang)
    )


def _corpus_brief(store: "Store", format_: str, lang: str, min_confidence: float) -> "Content":
    """What all documents say together."""
    from ftzgraph.brief.page import text_page
    from ftzgraph.brief.word import text_word
    from ftzgraph.corpusmap.brief import corpus_brief
    from ftzgraph.corpusmap.measures import corpus_map
    from ftzgraph.corpusmap.records import read_records

    found = corpus_map(read_records(store), min_confidence)
    if format_ == "json":
        return found.to_json()
    text = corpus_brief(found, lang)
    return text if format_ == "md" else text_page(text, lang) if format_ == "html" else text_word(text, lang)
