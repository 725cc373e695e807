"""The explorer in a browser: layouts, the overview, languages, themes, the address, keyboard, phone, print, accessibility."""

from importlib.resources import files
from pathlib import Path

import pytest
from browsing import Browser
from causal_maps import CAUSE, MAP, PROBLEM
from drawn_graphs import large_graph

from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.serialisation import serialise
from ftzgraph.rendering.explorer import render


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    (folder / "map.html").write_text(render(to_rdf(MAP)), encoding="utf-8", newline="\n")
    (folder / "large.html").write_text(render(large_graph()), encoding="utf-8", newline="\n")
    return folder


@pytest.fixture
def opened(browser: Browser, folder: Path) -> Browser:
    browser.open(folder / "map.html")
    return browser


@pytest.fixture
def large(browser: Browser, folder: Path) -> Browser:
    browser.open(folder / "large.html")
    return browser


@pytest.mark.parametrize("layout", ["section", "free", "causal"])
def test_a_layout_puts_the_factors_where_it_says(opened: Browser, layout: str) -> None:
    opened.press(f"#layout [value={layout}]")
    places = opened.run("return ftzgraph.data.factors.map(({iri}) => ftzgraph.network.getPosition(iri))")
    positions = opened.run("return ftzgraph.data.layouts[arguments[0]].positions", layout)
    assert [[place["x"], place["y"]] for place in places] == positions


def test_nothing_moves_after_the_page_has_opened(opened: Browser) -> None:
    opened.press("#layout [value=free]")
    before = opened.run("return JSON.stringify(ftzgraph.network.getPositions())")
    opened.driver.execute_async_script("setTimeout(arguments[0], 400)")
    assert opened.run("return JSON.stringify(ftzgraph.network.getPositions())") == before


def test_the_language_switches(opened: Browser) -> None:
    opened.press("#language")
    assert opened.text("#pane [value=detail]") == "Detail"
    assert opened.run("return document.documentElement.lang") == "en"
    opened.press("#language")
    assert opened.text("#pane [value=detail]") == "详情"


def test_the_theme_switches(opened: Browser) -> None:
    ground = "return getComputedStyle(document.body).backgroundColor"
    light = opened.run(ground)
    opened.press("#theme")
    assert opened.run(ground) != light
    opened.press("#theme")
    assert opened.run(ground) == light


def test_the_keyboard_reaches_the_drawing_follows_links_and_goes_to_the_detail(opened: Browser) -> None:
    from selenium.webdriver.common.keys import Keys

    reached = []
    for _ in range(16):
        opened.driver.switch_to.active_element.send_keys(Keys.TAB)
        reached.append(opened.run("return document.activeElement.id || document.activeElement.value"))
        if reached[-1] == "canvas":
            break
    assert reached[0] == "search"
    assert reached[-8:] == ["table", "causal", "section", "free", "overview", "filter", "confidence", "canvas"]
    opened.select(CAUSE)
    opened.driver.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    assert opened.text("#detail blockquote") == PROBLEM
    opened.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert opened.run("return document.activeElement.id") == "detail"
    opened.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert opened.run("return ftzgraph.state.selected") is None


def test_the_address_brings_a_view_back(opened: Browser, folder: Path) -> None:
    opened.select(PROBLEM)
    opened.press("#detail .questions button:nth-child(1)")
    opened.press("#types [value=Goal]")
    opened.press("#layout [value=section]")
    opened.press("#view [value=table]")
    opened.press("#language")
    address = opened.driver.current_url
    before = opened.run("const {hidden, opened, ...rest} = ftzgraph.state; return [...hidden, JSON.stringify(rest)]")
    opened.open(folder / "map.html", "#" + address.partition("#")[2])
    after = opened.run("const {hidden, opened, ...rest} = ftzgraph.state; return [...hidden, JSON.stringify(rest)]")
    assert after == before
    assert opened.text("#detail blockquote") == PROBLEM
    assert opened.run("return document.documentElement.lang") == "en"


def test_an_address_that_makes_no_sense_opens_the_page_as_usual(opened: Browser, folder: Path) -> None:
    opened.open(folder / "map.html", "#s=nothing&l=spiral&c=9&h=Nonsense&o=999&f-section=77777&d=88&w=none")
    assert opened.complaints() == []
    assert opened.run("return ftzgraph.state.layout") == "causal"


def test_a_long_document_opens_on_its_sections(large: Browser) -> None:
    scene = large.run("const {cards, factors} = ftzgraph.scene(); return [cards.length, factors.length]")
    assert scene == [40, 0]
    assert large.run("return ftzgraph.scene().cards.map(({held}) => held.length)") == [50] * 40
    assert large.requests() == []
    assert large.complaints() == []


def test_a_card_opens_at_a_click_and_closes_at_its_caption(large: Browser) -> None:
    card = large.run("const {x, y, left, top} = ftzgraph.scene().cards[7]; return {x, y, left, top}")
    large.click(card["x"], card["y"])
    large.wait("ftzgraph.scene().factors.length === 50")
    assert large.run("return ftzgraph.scene().cards.length") == 39
    large.click(card["left"] + 40, card["top"] + 20)
    large.wait("ftzgraph.scene().factors.length === 0")


def test_the_links_of_closed_cards_are_gathered(large: Browser) -> None:
    lines = large.run("return ftzgraph.scene().lines.map(({links, from, to}) => [links.length, from === to])")
    assert sum(number for number, _ in lines) < 3_000
    assert max(number for number, _ in lines) > 1
    assert not any(inner for _, inner in lines)


def test_what_is_found_opens_its_card(large: Browser) -> None:
    from selenium.webdriver.common.keys import Keys

    large.type("#search", "第9章第3项", Keys.ENTER)
    assert large.text("#detail blockquote").startswith("第9章第3项")
    assert large.run("return ftzgraph.scene().factors.length") == 50


def test_the_cards_are_buttons_too(large: Browser) -> None:
    large.press("#detail [aria-expanded]")
    assert large.run("return ftzgraph.scene().factors.length") == 50
    assert large.run("return document.activeElement.ariaExpanded") == "true"


def test_all_two_thousand_can_be_drawn_and_asked_at_once(large: Browser) -> None:
    large.press("#layout [value=causal]")
    assert large.run(
        "const {cards, factors, lines} = ftzgraph.scene(); return [cards.length, factors.length, lines.length]"
    ) == [0, 2000, 3000]
    large.press("#pane [value=ask]")
    large.press("#ask [value=unanswered]")
    assert len(large.standing_out()) == int(large.text("#ask [value=unanswered] small")) > 100
    large.press("#view [value=table]")
    assert large.run("return document.querySelectorAll('#table-factors tbody tr').length") == 500
    large.press("#table .more")
    assert large.run("return document.querySelectorAll('#table-factors tbody tr').length") == 1000
    assert large.complaints() == []


@pytest.fixture
def phone(browser: Browser, folder: Path):
    metrics = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.open(folder / "map.html")
    yield browser
    browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_phone_shows_everything_without_scrolling_sideways(phone: Browser) -> None:
    assert phone.run("return document.documentElement.scrollWidth <= innerWidth")
    assert phone.run("return document.querySelector('#canvas').getBoundingClientRect().height") >= 300
    phone.select(PROBLEM)
    assert phone.text("#text mark.selected") == PROBLEM


def test_print_shows_drawing_table_and_text_on_white(opened: Browser) -> None:
    opened.select(PROBLEM)
    opened.run("window.dispatchEvent(new Event('beforeprint'))")
    opened.wait("document.querySelector('#print img').complete")
    assert opened.run("return document.querySelector('#print img').naturalWidth") > 300
    opened.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        shown = {
            name: opened.driver.find_element("css selector", name).is_displayed()
            for name in ("#print img", "#table", "#text", "#graph", "#export", ".bar")
        }
    finally:
        opened.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert shown == {
        "#print img": True,
        "#table": True,
        "#text": True,
        "#graph": False,
        "#export": False,
        ".bar": False,
    }


AXE = (
    "const done = arguments[arguments.length - 1];"
    "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})"
    ".then(({violations}) => done(violations.filter(({impact}) => ['serious', 'critical'].includes(impact))"
    ".map(({id, nodes}) => [id, nodes.map(({html, failureSummary}) => html + failureSummary)])))"
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", ["", "#p=ask&w=unanswered", "#v=table", "#l=overview&lang=en", "selected", "filters"])
def test_axe_finds_nothing_serious(browser: Browser, folder: Path, state: str, scheme: str) -> None:
    pytest.importorskip("axe_core_python", reason="the accessibility test needs axe-core-python")
    browser.open(folder / "map.html", state if state.startswith("#") else "")
    if scheme == "dark":
        browser.press("#theme")
    if state == "selected":
        browser.select(PROBLEM)
    if state == "filters":
        browser.press("#filter")
        browser.press("#types [value=Goal]")
        browser.press("#export summary")
    # Through the debugger, which the page's policy does not bind.
    browser.driver.execute_cdp_cmd(
        "Runtime.evaluate", {"expression": (files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")}
    )
    assert browser.driver.execute_async_script(AXE) == []


def test_the_page_of_the_sample_is_small(sample: Path) -> None:
    from ftzgraph import extract, read, to_rdf

    html = render(to_rdf(extract(read(sample))))
    assert len(html.encode()) < 2_000_000


def test_the_same_graph_gives_the_same_page() -> None:
    graph = to_rdf(MAP)
    again = type(graph)().parse(data=serialise(graph), format="turtle")
    assert render(again) == render(graph)
