"""``ftzgraph text``: a document as the offsets count it."""

from pathlib import Path

import click

from ftzgraph.cli.group import Command
from ftzgraph.cli.options import PATH, text_column_option


@click.command(
    cls=Command,
    short_help="Print the text of a document as the offsets count it. 输出文档文本。",
    epilog="""ftzgraph text paper.pdf > paper.txt
ftzgraph text notices.csv#12""",
)
@click.argument("file", type=PATH)
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
