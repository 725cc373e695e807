"""``ftzgraph ontology``: the ontology as a page."""

from pathlib import Path

import click

from ftzgraph.cli.group import Command
from ftzgraph.cli.options import PATH, lang_option
from ftzgraph.cli.output import write


@click.command(
    cls=Command,
    short_help="Write the ontology as a page. 写出本体网页。",
    epilog="""ftzgraph ontology -o ontology.html""",
)
@click.option("-o", "--output", type=PATH, help="File to write; standard output without it. 输出文件。")
@lang_option
def ontology(output: Path | None, lang: str) -> None:
    """Write the ontology as a page in both languages: terms, examples, questions, alignments, changes.

    将本体写成中英文对照的网页：术语、示例、能力问题、与其他词汇的对应、各版本的变化。--lang 指定以哪种语言在前。
    """
    from ftzgraph.knowledge.ontology_page import page

    write(page(lang), output)
