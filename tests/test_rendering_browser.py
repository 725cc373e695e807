"""The explorer in a browser with the network off."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from causal_maps import ACHIEVEMENT, CAUSE, MAP, PROBLEM
from drawn_graphs import HOSTILE, document_graph

from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.rendering.explorer import render

pytest.importorskip("selenium", reason="the browser test needs selenium")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMEDRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and CHROMEDRIVER), reason="the browser test needs chromium and chromedriver"
)

from selenium import webdriver  # noqa: E402
from selenium.webdriver.common.action_chains import ActionChains  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.wait import WebDriverWait  # noqa: E402

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --window-size=1280,720"
)


class Browser:
    """A browser without network and what the tests ask of a page."""

    def __init__(self, profile: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in [*FLAGS.split(), f"--user-data-dir={profile}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options, webdriver.ChromeService(CHROMEDRIVER))
        self.driver.set_network_conditions(offline=True, latency=0, throughput=0)

    def open(self, path: Path) -> None:
        for log in ("browser", "performance"):
            self.driver.get_log(log)
        self.driver.get(path.as_uri())

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def text(self, selector: str) -> str:
        return "".join(
            self.run("return [...document.querySelectorAll(arguments[0])].map((n) => n.textContent)", selector)
        )

    def press(self, selector: str) -> None:
        self.driver.find_element("css selector", selector).click()

    def wait(self, condition: str, *arguments: object) -> None:
        WebDriverWait(self.driver, 20, 0.1).until(lambda _: self.run(f"return {condition}", *arguments), condition)

    def requests(self) -> list[str]:
        """What the page has asked for; the browser's own start page, which may still be loading, is not the page."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        sent = [m["params"] for m in messages if m["method"] == "Network.requestWillBeSent"]
        return [each["request"]["url"] for each in sent if each["documentURL"].startswith("file:")]

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def click_factor(self, quote: str) -> None:
        x, y = self.run(
            "const {data, network} = window.ftzgraph;"
            "const {iri} = data.factors.find((factor) => factor.quote === arguments[0]);"
            "const {x, y} = network.canvasToDOM(network.getPosition(iri));"
            "const box = document.querySelector('#canvas canvas').getBoundingClientRect();"
            "return [x + box.left, y + box.top]",
            quote,
        )
        actions = ActionChains(self.driver)
        actions.w3c_actions.pointer_action.move_to_location(round(x), round(y))
        actions.click().perform()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    started = Browser(tmp_path_factory.mktemp("profile"))
    yield started
    started.driver.quit()


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
    browser.wait("window.ftzgraph !== undefined")
    return browser


def test_the_page_opens_offline_without_request_or_complaint(opened: Browser, folder: Path) -> None:
    elsewhere = [url for url in opened.requests() if not url.startswith(("file:", "data:", "blob:"))]
    assert elsewhere == []
    assert opened.complaints() == []


def test_factors_are_drawn(opened: Browser) -> None:
    drawn = (
        "(() => { const canvas = document.querySelector('#canvas canvas');"
        "const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);"
        "return new Set(pixels).size > 20 })()"
    )
    opened.wait(drawn)


def test_a_click_shows_the_quote_in_its_sentence(opened: Browser) -> None:
    opened.click_factor(PROBLEM)
    opened.wait("document.querySelector('#detail blockquote')?.textContent === arguments[0]", PROBLEM)
    assert opened.text("#detail .sentence") == "由于数据标准不统一，部门之间信息不共享，导致通关缓慢。"
    assert opened.text("#detail .sentence mark.quote") == PROBLEM
    assert opened.text("#detail .sentence mark.cue") == "不共享"
    assert CAUSE in opened.text("#detail .linked")
    assert opened.complaints() == []


def test_a_click_on_a_quote_in_the_text_selects_its_factor(opened: Browser) -> None:
    opened.press("#pane [value=text]")
    opened.run(
        "[...document.querySelectorAll('#text mark')].find((m) => m.textContent === arguments[0]).click()", CAUSE
    )
    assert opened.text("#text mark.selected") == CAUSE
    opened.press("#pane [value=detail]")
    assert opened.text("#detail blockquote") == CAUSE


def test_the_table_says_what_the_drawing_shows(opened: Browser) -> None:
    opened.press("#view [value=table]")
    rows = opened.run("return [...document.querySelectorAll('#table tbody')].map((body) => body.rows.length)")
    assert rows == [len(MAP.factors), len(MAP.links)]
    opened.press("#table tbody .open")
    assert opened.text("#detail blockquote") == opened.text("#table tr.selected .open")


def test_the_legend_hides_a_type_and_its_links(opened: Browser) -> None:
    before = opened.text("#counts")
    opened.press("#types [value=Problem]")
    assert opened.text("#counts") != before
    assert opened.run("return document.querySelector('#types [value=Problem]').getAttribute('aria-pressed')") == "false"
    opened.press("#types [value=Problem]")
    assert opened.text("#counts") == before


def test_search_finds_and_escape_clears(opened: Browser) -> None:
    field = opened.driver.find_element("id", "search")
    field.send_keys("吞吐", Keys.ENTER)
    assert opened.text("#detail blockquote") == ACHIEVEMENT
    field.send_keys(Keys.ESCAPE)
    assert opened.text("#detail blockquote") == ""
    assert opened.run("return window.ftzgraph.state.query") == ""


def test_the_keyboard_reaches_the_drawing_and_follows_links(opened: Browser) -> None:
    reached = []
    for _ in range(12):
        opened.driver.switch_to.active_element.send_keys(Keys.TAB)
        reached.append(opened.run("return document.activeElement.id || document.activeElement.value"))
        if reached[-1] == "canvas":
            break
    assert reached == ["search", "language", "graph", "table", "causal", "section", "free", "confidence", "canvas"]
    iri = next(f["iri"] for f in opened.run("return window.ftzgraph.data.factors") if f["quote"] == CAUSE)
    opened.run("window.ftzgraph.select(arguments[0])", iri)
    opened.driver.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    assert opened.text("#detail blockquote") == PROBLEM


@pytest.mark.parametrize("layout", ["section", "causal"])
def test_a_layout_moves_the_factors_to_where_it_says(opened: Browser, layout: str) -> None:
    opened.press("#layout [value=free]")
    opened.press(f"#layout [value={layout}]")
    places, positions = opened.run(
        "const {network, data} = window.ftzgraph;return [network.getPositions(), data.layouts[arguments[0]].positions]",
        layout,
    )
    assert {iri: [place["x"], place["y"]] for iri, place in places.items()} == positions


def test_the_language_switches(opened: Browser) -> None:
    opened.press("#language")
    assert opened.text("#pane [value=detail]") == "Detail"
    assert opened.run("return document.documentElement.lang") == "en"
    opened.press("#language")
    assert opened.text("#pane [value=detail]") == "详情"


def test_hostile_text_is_shown_as_text(browser: Browser, folder: Path) -> None:
    browser.open(folder / "hostile.html")
    browser.wait("window.ftzgraph !== undefined")
    browser.press("#view [value=table]")
    browser.press("#pane [value=text]")
    for quote in HOSTILE:
        browser.run(
            "window.ftzgraph.select(window.ftzgraph.data.factors.find((f) => f.quote === arguments[0]).iri)", quote
        )
        assert browser.text("#detail blockquote") == quote
        assert browser.text("#detail .sentence mark.quote") == quote
        assert browser.text("#text mark.selected") == quote
    assert browser.run("return window.harmed") is None
    assert browser.run("return document.querySelectorAll('img, script').length") == 3
    assert browser.complaints() == []
    assert [url for url in browser.requests() if not url.startswith(("file:", "data:"))] == []
