"""How ``ftzgraph evaluate`` shows what it found."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ftzgraph.cli.output import show_table

if TYPE_CHECKING:
    from ftzgraph.evaluation import Evaluation


def show_scores(results: Sequence["Evaluation"], pooled: "Evaluation", lang: str) -> None:
    """Print precision, recall and F1: of one document, or of each, on average and of all as one document."""
    from ftzgraph.evaluation import mean

    english = lang == "en"
    together = {level: (s.precision, s.recall, s.f1) for level, s in pooled.levels.items()}
    if len(results) == 1:
        click.echo(results[0].name)
        _figures(together, lang)
        return
    click.echo("F1 of each document" if english else "各篇 F1")
    show_table([["", *pooled.levels], *([e.name, *(f"{s.f1:.3f}" for s in e.levels.values())] for e in results)])
    click.echo(f"mean of {len(results)}" if english else f"{len(results)} 篇平均")
    _figures(mean(results), lang)
    click.echo("all as one document" if english else "合为一篇")
    _figures(together, lang)


def show_details(evaluation: "Evaluation", lang: str) -> None:
    """Print the figures of each type, what was taken for what, and each fault."""
    english = lang == "en"
    click.echo("by type" if english else "按类型")
    _figures({name: (s.precision, s.recall, s.f1) for name, s in evaluation.types.items()}, lang)
    click.echo("annotated ↓ found →" if english else "标注 ↓ 抽取 →")
    names = [name for name in (*evaluation.types, "") if any(name in pair for pair in evaluation.confusion)]
    nothing = "nothing" if english else "无"
    rows = [[g or nothing, *(str(evaluation.confusion.get((g, p), 0) or "·") for p in names)] for g in names]
    show_table([["", *(name or nothing for name in names)], *rows])
    kinds = {"missed": "missed", "wrong": "wrong "} if english else {"missed": "遗漏", "wrong": "错误"}
    for fault in evaluation.faults:
        sure = f" {fault.confidence:.2f}" if fault.confidence else ""
        click.echo(f"  {kinds[fault.kind]}{sure}  {fault.label}  {fault.text}")


def show_calibration(evaluation: "Evaluation", lang: str) -> None:
    """Print how far confidence can be trusted, and what a higher bar would keep."""
    from ftzgraph.calibration import expected_error, reliability, trade

    english = lang == "en"
    kinds = {"factor": "factors", "link": "links"} if english else {"factor": "要素", "link": "联系"}
    for kind, name in kinds.items():
        claims = [c for c in evaluation.claims if c.kind == kind]
        bins = reliability(claims)
        error = f"expected calibration error {expected_error(bins):.3f}"
        click.echo(f"{name}: {error}" if english else f"{name}：期望校准误差 {expected_error(bins):.3f}")
        head = ["confidence", "number", "mean", "right"] if english else ["置信度", "个数", "平均", "正确率"]
        show_table(
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
        show_table([head, *([f"{t:.1f}", str(n), f"{p:.3f}", f"{k:.3f}"] for t, n, p, k in rows)])


def _figures(levels: dict[str, tuple[float, float, float]], lang: str) -> None:
    names = ("precision", "recall", "F1") if lang == "en" else ("精确率", "召回率", "F1")
    for level, figures in levels.items():
        said = "  ".join(f"{name} {figure:.3f}" for name, figure in zip(names, figures, strict=True))
        click.echo(f"  {level:17s} {said}")
