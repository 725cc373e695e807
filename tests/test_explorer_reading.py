"""The explorer in a browser with the network off: the drawing, the evidence beside it, the table."""

from pathlib import Path

import pytest
from browsing import Browser
from causal_maps import ACHIEVEMENT, CAUSE, EFFECT, MAP, PROBLEM, REMEDY
from drawn_graphs import HOSTILE, document_graph

from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.rendering.explorer import render


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    (folder / "map.html").write_text(render(to_rdf(MAP)), encoding="utf-8", newline="\n")
    hostile = document_graph(HOSTILE, title="".join(HOSTILE))
    (folder / "hostile.html").write_text(render(hostile), encoding="utf-8", newline="\n")
    return folder


@pytest.fixture
def opened(browser: Browser, folder: Path) -> Browser:
    browser.open(folder / "map.html")
    return browser


def test_the_page_opens_offline_without_request_or_complaint(opened: Browser) -> None:
    assert opened.requests() == []
    assert opened.complaints() == []


def test_factors_are_drawn(opened: Browser) -> None:
    opened.wait(
        "(() => { const canvas = document.querySelector('#canvas canvas');"
        "const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);"
        "return new Set(pixels).size > 20 })()"
    )


def test_a_click_on_a_box_shows_the_quote_its_sentence_and_what_is_known_of_it(opened: Browser) -> None:
    opened.click_factor(PROBLEM)
    opened.wait("document.querySelector('#detail blockquote')?.textContent === arguments[0]", PROBLEM)
    assert opened.text("#detail .sentence") == "由于数据标准不统一，部门之间信息不共享，导致通关缓慢。"
    assert opened.text("#detail .sentence mark.quote") == PROBLEM
    assert opened.text("#detail .sentence mark.cue") == "不共享"
    assert CAUSE in opened.text("#detail .linked")
    facts = dict(zip(opened.texts("#detail dt"), opened.texts("#detail dd"), strict=True))
    assert facts["章节"] == "一、主要问题"
    assert facts["置信度"].strip() == "0.90"
    assert facts["语气"] == "断言"
    assert facts["方法"] == "规则 · lack"
    assert opened.complaints() == []


def test_a_click_on_a_box_marks_the_quote_and_its_cue_in_the_text(opened: Browser) -> None:
    opened.click_factor(PROBLEM)
    opened.wait("document.querySelector('#text mark.selected') !== null")
    assert opened.text("#text mark.selected") == PROBLEM
    assert opened.text("#text mark.cue") == "不共享"
    box = opened.run("return document.querySelector('#text mark.selected').getBoundingClientRect().toJSON()")
    pane = opened.run("return document.querySelector('#text').getBoundingClientRect().toJSON()")
    assert pane["top"] <= box["top"] <= box["bottom"] <= pane["bottom"]


def test_a_click_on_a_line_shows_both_ends_and_their_evidence(opened: Browser) -> None:
    curve = opened.run(
        "return ftzgraph.scene().lines.find(({links: [link]}) => link.relation === 'causes' && link.source === arguments[0]).curve",
        opened.factor(CAUSE),
    )
    opened.click(sum(x for x, _ in curve) / 4, sum(y for _, y in curve) / 4)
    opened.wait("document.querySelector('#detail .ends') !== null")
    assert opened.texts("#detail .ends .factor") == [CAUSE, PROBLEM]
    assert opened.texts("#text mark.selected") == [CAUSE, PROBLEM]
    assert opened.text("#text mark.cue") == "由于"


def test_a_click_on_a_quote_in_the_text_selects_its_factor(opened: Browser) -> None:
    opened.run(
        "[...document.querySelectorAll('#text mark')].find((m) => m.textContent === arguments[0]).click()", CAUSE
    )
    assert opened.text("#text mark.selected") == CAUSE
    assert opened.text("#detail blockquote") == CAUSE


def test_the_text_can_have_the_whole_panel(opened: Browser) -> None:
    before = opened.run("return document.querySelector('#text').clientHeight")
    opened.press("#pane [value=text]")
    assert opened.run("return document.querySelector('#text').clientHeight") > 1.5 * before
    assert not opened.driver.find_element("id", "detail").is_displayed()


def test_the_table_says_what_the_drawing_shows(opened: Browser) -> None:
    opened.press("#view [value=table]")
    rows = opened.run("return [...document.querySelectorAll('#table tbody')].map((body) => body.rows.length)")
    assert rows == [len(MAP.factors), len(MAP.links)]
    opened.press("#table tbody .open")
    assert opened.text("#detail blockquote") == opened.text("#table tr.selected .open")


def test_the_table_is_sorted_by_the_column_that_is_pressed(opened: Browser) -> None:
    opened.press("#view [value=table]")
    for heading, ascending in (("ascending", True), ("descending", False)):
        opened.press("#table-factors th [value=confidence]")
        assert opened.run("return document.querySelector('#table-factors th.number').ariaSort") == heading
        shown = opened.texts("#table-factors td.number")
        assert shown == sorted(shown, key=float, reverse=not ascending)
    assert opened.text("#table-factors tbody tr:first-child .open") == REMEDY


def test_hostile_text_is_shown_as_text(browser: Browser, folder: Path) -> None:
    browser.open(folder / "hostile.html")
    browser.press("#view [value=table]")
    for quote in HOSTILE:
        browser.select(quote)
        assert browser.text("#detail blockquote") == quote
        assert browser.text("#detail .sentence mark.quote") == quote
        assert browser.text("#text mark.selected") == quote
    browser.press("#view [value=graph]")
    browser.run("document.title = arguments[0]", "hostile")
    for kind in ("svg", "png", "turtle"):
        assert browser.download(kind)[0].stat().st_size > 0
    assert browser.run("return window.harmed") is None
    assert browser.run("return document.querySelectorAll('img, script').length") == 3
    assert browser.complaints() == []
    assert browser.requests() == []


def test_effects_and_achievements_are_in_the_legend_with_their_number(opened: Browser) -> None:
    assert opened.text("#types [value=Effect] small") == "2"
    assert opened.text("#types [value=Achievement] small") == "1"
    assert opened.text("#relations [value=causes] small") == "2"
    assert {EFFECT, ACHIEVEMENT} <= opened.standing_out()
