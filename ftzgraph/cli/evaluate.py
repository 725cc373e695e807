"""``ftzgraph evaluate``: the extraction against gold annotations."""

from pathlib import Path
from typing import Any

import click

from ftzgraph.cli.group import Command
from ftzgraph.cli.notes import show_notes
from ftzgraph.cli.options import PATH, engine_options, lang_option
from ftzgraph.cli.output import as_json, progress


@click.command(
    cls=Command,
    short_help="Score the extraction against gold annotations. 与人工标注比对评分。",
    epilog="""ftzgraph evaluate gold/paper.json --errors
ftzgraph evaluate data/corpus/passages --split test --calibration""",
)
@click.argument("golds", nargs=-1, required=True, type=PATH, metavar="GOLD...")
@click.option("--graph", type=PATH, help="Score this graph instead of extracting anew. 评测已有图谱。")
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
@click.option("--reliability-plot", "plot", type=PATH, help="Draw it as a PNG. 将可靠性曲线画成 PNG。")
@engine_options
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
    from ftzgraph.cli.scores import show_calibration, show_details, show_scores
    from ftzgraph.evaluation import evaluate as score
    from ftzgraph.evaluation import mean, pool
    from ftzgraph.extraction import extract
    from ftzgraph.gold import find_golds, load_gold
    from ftzgraph.knowledge.rdf import to_rdf
    from ftzgraph.knowledge.serialisation import load

    files = find_golds(golds, split)
    loaded = load(graph) if graph else None
    results, maps = [], []
    with progress("Evaluating" if lang == "en" else "评测") as advance:
        for done, path in enumerate(files, start=1):
            gold = load_gold(path)
            if loaded is None:
                maps.append(extract(gold.document, engine, reader))
            results.append(score(gold, to_rdf(maps[-1]) if loaded is None else loaded))
            advance(done, len(files))
    show_notes([dict(each.notes) for each in maps], None, lang)
    pooled = pool(results)
    if plot is not None:
        reliability_plot(pooled.claims, plot)
    if format_ == "json":
        figures = {"documents": [e.to_dict() for e in results], "mean": mean(results), "pooled": pooled.to_dict()}
        click.echo(as_json(figures), nl=False)
        return
    show_scores(results, pooled, lang)
    if errors:
        show_details(results[0] if len(results) == 1 else pooled, lang)
    if calibration:
        show_calibration(pooled, lang)
