"""How commands that read documents show what the reader counted."""

from collections.abc import Iterable, Mapping

import click

_ZH = {
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


def show_notes(counted: Iterable[Mapping[str, int]], prices: tuple[float, float] | None, lang: str) -> None:
    """Tell on standard error what a reader counted: what it asked, what it refused, what that cost."""
    counts: dict[str, int] = {}
    for name, number in (note for notes in counted for note in notes.items()):
        counts[name] = counts.get(name, 0) + number
    if not counts:
        return
    click.echo("The reader counted:" if lang == "en" else "引擎计数：", err=True)
    for name, number in sorted(counts.items()):
        if lang == "en":
            click.echo(f"  {name.replace('_', ' ')}: {number}", err=True)
        else:
            click.echo(f"  {_ZH.get(name, name)}：{number}", err=True)
    if prices:
        spent = sum(counts.get(f"{k}_tokens", 0) * p for k, p in zip(("prompt", "completion"), prices, strict=True))
        click.echo(f"  {'cost: ' if lang == 'en' else '费用：'}{spent / 1e6:.4f}", err=True)
