"""The brief as a page of HTML: one file that needs no network and no script, for the screen and for paper."""

import base64
import hashlib
import re
from collections.abc import Sequence

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

from ftzgraph.analysis.measures import Analysis
from ftzgraph.analysis.report import report
from ftzgraph.brief import figures
from ftzgraph.brief.parsing import MARKDOWN, headings, parse, text
from ftzgraph.plain import line
from ftzgraph.rendering import matrix as answers
from ftzgraph.rendering import style
from ftzgraph.rendering.core import draw_core
from ftzgraph.rendering.svg import svg
from ftzgraph.resources import templates

_DARK = "#1b1e23"  # what shapes are tinted on where the reader prefers a dark page
_HAN = r"\u2e80-\u2fff\u3003-\u3007\u3021-\u9fff\uf900-\ufaff\uff01-\uffe6\U00020000-\U0003ffff"
_CHINESE = re.compile(rf"[{_HAN}]+(?:[^\s{_HAN}「」〔〕《》]{{1,12}}[{_HAN}]+)*")  # with short foreign words within


def page(analysis: Analysis, lang: str = "zh") -> str:
    """Write the brief as HTML, with the causal core as a drawing and the answer matrix as a table.

    Args:
        analysis: of one document or many.
        lang: ``"zh"`` or ``"en"``.

    Returns:
        A page, the same bytes for the same analysis. It refers to nothing outside itself, and a content security policy
        forbids scripts and all styles but its own, so no text of a document can act.

    Raises:
        ValueError: there is no such language.
    """
    tokens = _numbered(report(analysis, lang))
    before, after = figures.halves(tokens, analysis)
    words, whole = answers.WORDS[lang] | figures.WORDS[lang], answers.matrix(analysis.graph)
    core = Markup(svg(draw_core(analysis.graph, lang))) if analysis.graph else ""
    drawn = [("core", words["core"])] * bool(core) + [("matrix", words["title"])] * bool(whole.sheets)
    return _filled(
        lang,
        title=_title(tokens),
        contents=[*_contents(before), *drawn, *_contents(after)],
        before=_html(before, lang),
        core=core,
        sheets=whole.sheets,
        notes=answers.notes(whole, lang),
        after=_html(after, lang),
        several=figures.several(analysis),
        words=words,
    )


def text_page(markdown: str, lang: str = "zh") -> str:
    """Write a brief without pictures as HTML, such as that of a corpus.

    Args:
        markdown: as :mod:`ftzgraph.corpusmap.brief` writes it.
        lang: ``"zh"`` or ``"en"``.

    Returns:
        A page like that of :func:`page`.
    """
    tokens = _numbered(markdown)
    return _filled(
        lang,
        title=_title(tokens),
        contents=_contents(tokens),
        before=_html(tokens, lang),
        core="",
        sheets=(),
        notes=(),
        after="",
        several=True,
        words=answers.WORDS[lang] | figures.WORDS[lang],
    )


def _numbered(markdown: str) -> list[Token]:
    tokens = parse(markdown)
    for number, place in enumerate(headings(tokens, "h2"), start=1):
        tokens[place].attrSet("id", f"section-{number}")
    return tokens


def _title(tokens: list[Token]) -> str:
    return text(tokens[headings(tokens, "h1")[0] + 1])


def _filled(lang: str, **parts: object) -> str:
    environment = templates("ftzgraph.brief")
    environment.filters.update(level=answers.level, percent=answers.percent, line=line, shortened=answers.shortened)
    css = environment.get_template("brief.css.j2").render(
        factors={kind: style.tint(look.color, _DARK, 0.22) for kind, look in style.FACTORS.items()},
        links={relation: look.dark_color for relation, look in style.LINKS.items()},
        shades=answers.SHADES,
        color=answers.COLOR,
        alarm=answers.ALARM,
    )
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return environment.get_template("brief.html.j2").render(lang=lang, policy=policy, css=Markup(css), **parts)


def _contents(tokens: list[Token]) -> list[tuple[str, str]]:
    """The id and the words of each heading that the table of contents lists."""
    return [(str(tokens[place].attrGet("id")), text(tokens[place + 1])) for place in headings(tokens, "h2")]


def _html(tokens: list[Token], lang: str) -> Markup:
    return Markup(_Html().render(tokens, MARKDOWN.options, {"lang": lang}))


class _Html(RendererHTML):
    """Writes tokens as HTML; marks places, and on an English page what is Chinese."""

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        words = str(escape(tokens[idx].content))
        return _CHINESE.sub(r'<span lang="zh-Hans">\g<0></span>', words) if env["lang"] == "en" else words

    def place(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f'<small class="place">{self.text(tokens, idx, options, env)}</small>'

    def th_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        tokens[idx].attrSet("scope", "col")
        return self.renderToken(tokens, idx, options, env)

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f'<div class="scroll" tabindex="0">\n{self.renderToken(tokens, idx, options, env)}'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"{self.renderToken(tokens, idx, options, env)}</div>\n"
