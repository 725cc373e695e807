"""Where the brief's pictures stand, and what is said around them."""

from typing import Final

from markdown_it.token import Token

from ftzgraph.analysis.measures import Analysis
from ftzgraph.brief.parsing import headings

WORDS: Final = {
    "zh": {
        "contents": "目录",
        "core": "因果核心图",
        "no-core": "因果核心图未能绘出：绘图需要 matplotlib 和中文字体，安装 ftzgraph[picture] 与字体后重新生成即可。",
    },
    "en": {
        "contents": "Contents",
        "core": "The causal core",
        "no-core": "The picture of the causal core could not be drawn: it needs matplotlib and a Chinese font. "
        "Install ftzgraph[picture] and a font, then write this document anew.",
    },
}


def halves(tokens: list[Token], analysis: Analysis) -> tuple[list[Token], list[Token]]:
    """Part the brief where its pictures stand: behind findings and tables, or the overview of several documents."""
    sections = headings(tokens, "h2")
    skipped = 0 if several(analysis) else 2
    place = next(iter(sections[skipped:]), len(tokens))
    return tokens[:place], tokens[place:]


def several(analysis: Analysis) -> bool:
    """Whether the brief tells of more than one document."""
    return len(analysis.graph.graph["documents"]) > 1
