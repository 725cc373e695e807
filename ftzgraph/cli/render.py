"""``ftzgraph render``: a graph as a page or a picture."""

from pathlib import Path
from typing import Literal

import click

from ftzgraph.cli.group import Command
from ftzgraph.cli.options import PATH, confidence_option, graph_argument, lang_option
from ftzgraph.cli.output import progress


@click.command(
    cls=Command,
    short_help="Draw a graph as a page or a picture. 绘制网页或图片。",
    epilog="""ftzgraph render output/graph.ttl -o graph.html
ftzgraph render output/graph.ttl -o graph.svg
ftzgraph render output/graph.ttl -o answers.png --picture matrix""",
)
@graph_argument
@click.option(
    "-o", "--output", type=PATH, default="graph.html", show_default=True, help="A .html, .svg or .png file. 输出文件。"
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
    with progress("Drawing" if lang == "en" else "绘制图谱"):
        from ftzgraph.store import open_graph

        if suffix == ".html":
            from ftzgraph.files import write_atomically
            from ftzgraph.rendering.explorer import render as render_page

            write_atomically(output, render_page(open_graph(graph), lang=lang, min_confidence=min_confidence))
        else:
            from ftzgraph.rendering.picture import picture

            picture(open_graph(graph), output, lang, kind, min_confidence)
    click.echo(output)
