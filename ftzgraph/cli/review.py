"""``ftzgraph review``: factors, links and concepts to a spreadsheet, and reviewers' decisions back."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ftzgraph.cli.group import Commands
from ftzgraph.cli.options import PATH, WHERE, graph_argument, lang_option, saving_options
from ftzgraph.cli.output import progress, write
from ftzgraph.errors import OutputError
from ftzgraph.plain import line

if TYPE_CHECKING:
    from ftzgraph.review.replay import Replayed

_MOST: Final = 10  # stale decisions that are shown one by one


def _check_author(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    if not line(value):
        raise click.BadParameter("it is empty.")
    return line(value)


def _check_turtle(ctx: click.Context, parameter: click.Parameter, value: Path) -> Path:
    if value.suffix.lower() != ".ttl":
        raise click.BadParameter(f"{value}: decisions are kept in a file whose name ends in .ttl.")
    return value


@click.group(
    cls=Commands,
    short_help="Correct a graph in a spreadsheet. 在电子表格中审阅图谱。",
    epilog="""ftzgraph review export output/graph.ttl -o review.xlsx
ftzgraph review apply review.xlsx --graph output/graph.ttl --decisions decisions.ttl --author 王芳
ftzgraph build paper.pdf --decisions decisions.ttl""",
)
def review() -> None:
    """Accept, reject and correct what a graph says, in a spreadsheet; every later build follows the decisions.

    在电子表格中接受、拒绝或修改图谱的内容；决定另存为文件，以后重新生成图谱时照此套用。
    """


@review.command(
    name="export",
    short_help="Write the sheet to fill in. 写出审阅表。",
    epilog="""ftzgraph review export output/graph.ttl -o review.xlsx
ftzgraph review export output/graph.ttl -o review.csv --lang en""",
)
@graph_argument
@click.option("-o", "--output", type=PATH, required=True, help="The sheet: .xlsx or .csv. 审阅表文件。")
@lang_option
def export_sheet(graph: str, output: Path, lang: str) -> None:
    """Write a row for each factor, each link and each factor's concept, with columns to decide in.

    每个要素、每条联系、每个要素所属的概念各写一行，并留出供填写决定的列。

    A file that is there already is left alone, for it may hold decisions.
    """
    if output.exists():
        raise OutputError(f"{output} is there already and may hold decisions: name another file, or remove it")
    with progress("Reading the graph" if lang == "en" else "读取图谱"):
        from ftzgraph.review.deciding import export
        from ftzgraph.store import open_graph

        content = export(open_graph(graph), output, lang)
    write(content, output)


@review.command(
    name="apply",
    short_help="Keep the decisions of a sheet. 保存审阅表中的决定。",
    epilog="ftzgraph review apply review.xlsx --graph output/graph.ttl --decisions decisions.ttl --author 王芳",
)
@click.argument("sheet", type=PATH)
@click.option("--graph", type=WHERE, required=True, help="The graph that the sheet was made of. 审阅表所据的图谱。")
@click.option(
    "--decisions",
    type=PATH,
    required=True,
    callback=_check_turtle,
    help="The file that keeps the decisions; made when there is none. 保存决定的文件。",
)
@click.option("--author", required=True, callback=_check_author, help="Who decided. 审阅人。")
@click.option(
    "--date",
    type=click.DateTime(["%Y-%m-%d"]),
    default=lambda: f"{datetime.now():%Y-%m-%d}",
    show_default="today",
    help="The day of the decisions. 决定日期，默认今天。",
)
@lang_option
def apply_sheet(sheet: Path, graph: str, decisions: Path, author: str, date: datetime, lang: str) -> None:
    """Read the decisions of a sheet that was filled in and add them to those that were made before.

    读取填好的审阅表，将其中的决定加入已有的决定。对同一对象的新决定取代旧决定，旧决定仍有记录。

    Rows without a decision are passed over. Where a cell cannot be used, nothing is written.
    """
    with progress("Reading the sheet" if lang == "en" else "读取审阅表"):
        from ftzgraph.files import write_atomically
        from ftzgraph.knowledge.serialisation import serialise
        from ftzgraph.review.deciding import decide
        from ftzgraph.review.decisions import load_decisions, record, to_graph
        from ftzgraph.store import open_graph

        earlier = load_decisions(decisions) if decisions.exists() else []
        told = decide(open_graph(graph), sheet, author, f"{date:%Y-%m-%d}")
        found = record(earlier, told)
        write_atomically(decisions, serialise(to_graph(found)))
    new = len(found) - len(earlier)
    if lang == "en":
        click.echo(f"Decisions in the sheet: {len(told)}, new: {new}. {decisions} has {len(found)}.")
    else:
        click.echo(f"表中决定 {len(told)} 条，新增 {new} 条；{decisions} 现有 {len(found)} 条。")


@review.command(
    name="replay",
    short_help="Apply decisions to a graph. 将决定套用于图谱。",
    epilog="ftzgraph review replay output/graph.ttl --decisions decisions.ttl -o reviewed/graph.ttl",
)
@graph_argument
@click.option("--decisions", type=PATH, required=True, help="The file that keeps the decisions. 保存决定的文件。")
@saving_options
@lang_option
def replay_decisions(graph: str, decisions: Path, output: Path | None, format_: str, lang: str) -> None:
    """Write the graph that reviewers' decisions make of a graph.

    写出套用审阅决定之后的图谱。文档已改动、无法再套用的决定列在输出文件旁的 stale.csv 中，不会从决定文件中删去。

    Decisions that cannot be applied any more, for the text has changed, are listed in stale.csv beside the output; they stay in
    the file of decisions.
    """
    with progress("Applying decisions" if lang == "en" else "套用决定"):
        from ftzgraph.files import write_together
        from ftzgraph.knowledge.serialisation import outputs, serialise
        from ftzgraph.review.decisions import load_decisions
        from ftzgraph.review.replay import STALE, replay, stale_table
        from ftzgraph.store import open_graph

        result = replay(open_graph(graph), load_decisions(decisions))
    show_replayed(result, output.parent if output else None, lang)
    if output is None:
        click.echo(serialise(result.graph, format_), nl=False)
        return
    contents = outputs(result.graph, output, format_)
    stale = output.with_name(STALE)
    write_together(contents | ({stale: stale_table(result.stale, lang)} if result.stale else {}))
    if not result.stale:
        stale.unlink(missing_ok=True)  # of an earlier replay
    for path in contents:
        click.echo(path)


def show_replayed(result: "Replayed", folder: Path | None, lang: str) -> None:
    """Tell on standard error how many decisions a graph follows, and which it cannot follow; ``folder`` has their table."""
    for text in _told(result, folder, lang):
        click.echo(text, err=True)


def _told(result: "Replayed", folder: Path | None, lang: str) -> Iterator[str]:
    from ftzgraph.review.replay import STALE

    english, stale = lang == "en", result.stale
    table = (f" (see {folder / STALE})" if english else f"（见 {folder / STALE}）") if folder and stale else ""
    if english:
        yield f"Decisions: {result.applied} applied, {len(stale)} stale{table}{':' if stale else '.'}"
    else:
        yield f"审阅决定：已套用 {result.applied} 条，已失效 {len(stale)} 条{table}{'：' if stale else '。'}"
    for each in stale[:_MOST]:
        place, reason = each.decision.place, each.reason.text(lang)
        told = line(f"{place.home.file_name} “{place.quote}”")
        yield f"  {told}: {reason}" if english else f"  {told}：{reason}"
    if len(stale) > _MOST:
        yield f"  and {len(stale) - _MOST} more" if english else f"  另有 {len(stale) - _MOST} 条"
    if result.dropped:
        number = len(result.dropped)
        yield (
            f"Links left out, for a corrected type does not allow them: {number}."
            if english
            else f"因类型修改而不再成立、已略去的联系：{number} 条。"
        )
