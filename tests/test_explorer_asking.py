"""The explorer in a browser: search, filters, paths and lists."""

from pathlib import Path

import pytest
from browsing import Browser
from causal_maps import ACHIEVEMENT, CAUSE, EFFECT, GOAL, MAP, PROBLEM, REMEDY, THREAT

from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.rendering.explorer import render

EVERYTHING = {CAUSE, PROBLEM, EFFECT, THREAT, REMEDY, GOAL, ACHIEVEMENT}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "map.html"
    path.write_text(render(to_rdf(MAP)), encoding="utf-8", newline="\n")
    return path


@pytest.fixture
def opened(browser: Browser, page: Path) -> Browser:
    browser.open(page)
    return browser


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("吞吐", {ACHIEVEMENT}),
        ("tgxl", {GOAL}),  # initials of 通关效率
        ("sjbz", {CAUSE}),  # initials of 数据标准
        ("remedy", {REMEDY}),
        ("Data Platform", {REMEDY}),
        ("没有这样的话", set()),
    ],
)
def test_search_finds_words_initials_and_english_names(opened: Browser, query: str, found: set[str]) -> None:
    opened.type("#search", query)
    assert opened.standing_out() == found
    assert set(opened.texts("#detail .factor")) == found
    assert opened.text("#hits") == f"{len(found)} 处"


def test_enter_goes_to_what_was_found_and_escape_clears(opened: Browser) -> None:
    from selenium.webdriver.common.keys import Keys

    opened.type("#search", "吞吐", Keys.ENTER)
    assert opened.text("#detail blockquote") == ACHIEVEMENT
    opened.type("#search", Keys.ESCAPE)
    assert opened.text("#detail blockquote") == ""
    assert opened.standing_out() == EVERYTHING


def test_the_legend_hides_a_type_and_its_links(opened: Browser) -> None:
    before = opened.text("#counts")
    opened.press("#types [value=Problem]")
    assert opened.text("#counts") == "6 个要素 · 1 条联系"
    assert opened.run("return document.querySelector('#types [value=Problem]').ariaPressed") == "false"
    opened.press("#types [value=Problem]")
    assert opened.text("#counts") == before


@pytest.mark.parametrize(
    ("name", "option", "counts"),
    [
        ("section", "对策建议", "3 个要素 · 1 条联系"),
        ("mention", "部门", "1 个要素 · 0 条联系"),
        ("modality", "预测", "1 个要素 · 0 条联系"),
        ("stated", "明说", "7 个要素 · 3 条联系"),
        ("stated", "推断", "7 个要素 · 1 条联系"),
    ],
)
def test_a_filter_leaves_what_it_says(opened: Browser, name: str, option: str, counts: str) -> None:
    opened.press("#filter")
    options = opened.texts(f"#filters [name={name}] option")
    (wanted,) = [text for text in options if text.strip().endswith(option)]
    opened.driver.find_element("css selector", f"#filters [name={name}]").send_keys(wanted)
    opened.wait("document.querySelector('#counts').textContent === arguments[0]", counts)
    assert opened.text("#filter") == "筛选 · 1"
    opened.press("#filters button")
    assert opened.text("#counts") == "7 个要素 · 4 条联系"


def test_the_slider_leaves_out_what_is_less_certain(opened: Browser) -> None:
    opened.run(
        "const slider = document.querySelector('#confidence'); slider.value = '0.8';"
        "slider.dispatchEvent(new Event('input'))"
    )
    assert opened.text("#counts") == "4 个要素 · 2 条联系"


def test_what_leads_to_an_effect(opened: Browser) -> None:
    opened.select(EFFECT)
    opened.press("#detail .questions button:nth-child(1)")
    assert opened.standing_out() == {CAUSE, PROBLEM, EFFECT}


def test_what_follows_from_a_remedy(opened: Browser) -> None:
    opened.select(REMEDY)
    opened.press("#detail .questions button:nth-child(2)")
    assert opened.standing_out() == {REMEDY, PROBLEM, EFFECT, GOAL}
    opened.press("#detail .questions button:nth-child(2)")
    assert opened.standing_out() == {REMEDY, PROBLEM, GOAL}


def ask_for_path(opened: Browser, start: str, end: str) -> None:
    for quote, position in ((start, 3), (end, 4)):
        opened.select(quote)
        opened.press("#pane [value=detail]")
        opened.press(f"#detail .questions button:nth-child({position})")


def test_how_one_factor_reaches_another(opened: Browser) -> None:
    ask_for_path(opened, CAUSE, EFFECT)
    assert opened.standing_out() == {CAUSE, PROBLEM, EFFECT}
    assert opened.texts("#path .steps .factor") == [CAUSE, PROBLEM, EFFECT]
    assert opened.text("#path [role=status]") == "最短的一条路径共 2 步；图中标出全部路径。"


def test_a_path_that_only_leads_back_is_told(opened: Browser) -> None:
    ask_for_path(opened, EFFECT, CAUSE)
    assert opened.texts("#path .steps .factor") == [CAUSE, PROBLEM, EFFECT]
    assert opened.text("#path [role=status]") == "甲不通向乙，但乙通向甲，最短 2 步。"


def test_that_there_is_no_path_is_told(opened: Browser) -> None:
    ask_for_path(opened, CAUSE, THREAT)
    assert opened.texts("#path .steps") == []
    assert opened.text("#path [role=status]") == "就图中所示，两者之间没有路径。"


@pytest.mark.parametrize(
    ("name", "factors"),
    [
        ("unanswered", [CAUSE, EFFECT, THREAT]),
        ("roots", [CAUSE]),
        ("loose", []),
        ("aimless", []),
        ("unsure", [ACHIEVEMENT]),
    ],
)
def test_a_list_names_what_stands_out(opened: Browser, name: str, factors: list[str]) -> None:
    opened.press("#pane [value=ask]")
    assert opened.text(f"#ask [value={name}] small") == str(len(factors))
    opened.press(f"#ask [value={name}]")
    assert opened.texts("#ask .list .factor") == factors
    assert opened.standing_out() == set(factors)


def test_a_remedy_answers_nothing_once_its_link_is_too_uncertain(opened: Browser) -> None:
    opened.run(
        "const slider = document.querySelector('#confidence'); slider.value = '0.5';"
        "slider.dispatchEvent(new Event('input'))"
    )
    opened.press("#pane [value=ask]")
    opened.press("#ask [value=loose]")
    assert opened.texts("#ask .list .factor") == [REMEDY]
