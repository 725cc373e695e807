"""From the brief in Markdown to tokens, with its places 〔…〕 as tokens of their own."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from ftzgraph.plain import plain

# A place ends in source offsets, or in words that say there are none; what else stands in 〔〕 belongs to a quote.
_PLACE = re.compile(r"(〔(?:[^〔〕]|〔[^〔〕]*〕){0,80} ?· (?:[\d–、, ]+|出处未注明|no place given)〕)")
_STEPS = ("→ ", "⇢ ")


def parse(markdown: str) -> list[Token]:
    """Parse the brief.

    Args:
        markdown: as :func:`ftzgraph.analysis.report.report` writes it.

    Returns:
        The tokens of CommonMark with tables, without HTML, links and pictures, which the brief has not and no text of a
        document shall make. A place is an inline token of the type ``"place"``. A list item that continues a causal
        chain, and so begins with an arrow, has the class ``"step"``; a cell's alignment is its class.
    """
    return MARKDOWN.parse(plain(markdown))


def text(inline: Token) -> str:
    """Return the words of an inline token, such as those of a heading."""
    return "".join(child.content for child in inline.children or [])


def headings(tokens: list[Token], tag: str) -> list[int]:
    """Return where the headings of a level (``"h1"``, ``"h2"``, …) begin; the token after that has their words."""
    return [i for i, token in enumerate(tokens) if token.type == "heading_open" and token.tag == tag]


def _mark_places(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline":
            token.children = [part for child in token.children or [] for part in _parted(child)]


def _parted(token: Token) -> Iterator[Token]:
    if token.type != "text":
        yield token
        return
    for i, words in enumerate(_PLACE.split(token.content)):
        if words:
            yield Token("place" if i % 2 else "text", "", 0, content=words, level=token.level)


def _mark_steps(state: StateCore) -> None:
    for item, _, inline in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if item.type == "list_item_open" and inline.content.startswith(_STEPS):
            item.attrSet("class", "step")


def _mark_alignment(state: StateCore) -> None:
    for token in state.tokens:
        if style := token.attrs.pop("style", None):
            token.attrSet("class", str(style).removeprefix("text-align:"))


MARKDOWN = (
    MarkdownIt("commonmark", {"html": False})
    .enable("table")
    .disable(["html_block", "html_inline", "link", "image", "autolink", "reference"])
)
for _rule in (_mark_places, _mark_steps, _mark_alignment):
    MARKDOWN.core.ruler.push(_rule.__name__, _rule)
