"""``ftzgraph diff``: what two graphs do not share."""

from pathlib import Path

import click

from ftzgraph.cli.group import Command
from ftzgraph.cli.options import PATH, WHERE, confidence_option, lang_option
from ftzgraph.cli.output import progress, write


@click.command(
    cls=Command,
    short_help="Compare two graphs. 比较两份图谱。",
    epilog="""ftzgraph diff 2023/graph.ttl 2024/graph.ttl
ftzgraph diff 2023/graph.ttl 2024/graph.ttl -o changes.html""",
)
@click.argument("before", type=WHERE, metavar="A")
@click.argument("after", type=WHERE, metavar="B")
@click.option(
    "-o", "--output", type=PATH, help="A .html, .ttl, .csv, .json or .md file; standard output without it. 输出文件。"
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
    with progress("Comparing" if lang == "en" else "比较图谱"):
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
    write(content, output)
