"""A browser with the network off, and what the tests ask of the explorer in it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --window-size=1280,720"
)


class Browser:
    """Headless Chromium without network; its methods speak of the page that is open."""

    def __init__(self, folder: Path) -> None:
        webdriver = pytest.importorskip("selenium.webdriver", reason="the browser tests need selenium")
        chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        chromedriver = shutil.which("chromedriver")
        if not (chromium and chromedriver):
            pytest.skip("the browser tests need chromium and chromedriver (Debian: chromium, chromium-driver)")
        self.downloads = folder / "downloads"
        self.downloads.mkdir()
        options = webdriver.ChromeOptions()
        options.binary_location = chromium
        for flag in [*FLAGS.split(), f"--user-data-dir={folder / 'profile'}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options, webdriver.ChromeService(chromedriver))
        self.driver.set_network_conditions(offline=True, latency=0, throughput=0)
        self.driver.set_script_timeout(60)
        behaviour = {"behavior": "allow", "downloadPath": str(self.downloads), "eventsEnabled": False}
        self.driver.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)

    def load(self, address: str) -> None:
        """Load a page anew and forget what the last one asked for and complained of."""
        self.driver.get("about:blank")
        for log in ("browser", "performance"):
            self.driver.get_log(log)
        self.driver.get(address)

    def open(self, path: Path, view: str = "") -> None:
        """Load an explorer, with a view behind #, and wait until it answers."""
        self.load(path.as_uri() + view)
        self.wait("window.ftzgraph !== undefined")

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def text(self, selector: str) -> str:
        """The text of all elements that a selector finds."""
        return "".join(self.texts(selector))

    def texts(self, selector: str) -> list[str]:
        found: list[str] = self.run(
            "return [...document.querySelectorAll(arguments[0])].map((node) => node.textContent)", selector
        )
        return found

    def press(self, selector: str) -> None:
        self.driver.find_element("css selector", selector).click()

    def type(self, selector: str, *keys: str) -> None:
        self.driver.find_element("css selector", selector).send_keys(*keys)

    def wait(self, condition: str, *arguments: object) -> None:
        from selenium.webdriver.support.wait import WebDriverWait

        WebDriverWait(self.driver, 20, 0.05).until(lambda _: self.run(f"return {condition}", *arguments), condition)

    def requests(self) -> list[str]:
        """What the page has asked for elsewhere; the browser's own start page, which may still be loading, is not the page."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        sent = [m["params"] for m in messages if m["method"] == "Network.requestWillBeSent"]
        asked = [each["request"]["url"] for each in sent if each["documentURL"].startswith("file:")]
        return [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def factor(self, quote: str) -> str:
        """The IRI of the factor with this quote."""
        iri: str = self.run("return ftzgraph.data.factors.find(({quote}) => quote === arguments[0]).iri", quote)
        return iri

    def select(self, quote: str) -> None:
        self.run("ftzgraph.select(arguments[0])", self.factor(quote))

    def standing_out(self) -> set[str]:
        """The quotes of the factors that are not faded."""
        return set(
            self.run(
                "const {focus} = ftzgraph.scene();"
                "return ftzgraph.data.factors.filter(({iri}) => !focus || focus.has(iri)).map(({quote}) => quote)"
            )
        )

    def click(self, x: float, y: float) -> None:
        """Click at a place of the drawing, in its own coordinates."""
        from selenium.webdriver.common.action_chains import ActionChains

        left, top = self.run(
            "const {x, y} = ftzgraph.network.canvasToDOM({x: arguments[0], y: arguments[1]});"
            "const box = document.querySelector('#canvas canvas').getBoundingClientRect();"
            "return [x + box.left, y + box.top]",
            x,
            y,
        )
        actions = ActionChains(self.driver)
        actions.w3c_actions.pointer_action.move_to_location(round(left), round(top))
        actions.click().perform()

    def click_factor(self, quote: str) -> None:
        place = self.run("return ftzgraph.network.getPosition(arguments[0])", self.factor(quote))
        self.click(place["x"], place["y"])

    def download(self, kind: str, number: int = 1) -> list[Path]:
        """Press an entry of the export menu and return the files that it saves."""
        for path in self.downloads.iterdir():
            path.unlink()
        self.press("#export summary")
        self.press(f"#export [value={kind}]")
        from selenium.webdriver.support.wait import WebDriverWait

        def finished(_: object) -> list[Path]:
            files = sorted(self.downloads.glob("[!.]*"))
            return files if len(files) == number and not any(f.suffix == ".crdownload" for f in files) else []

        saved: list[Path] = WebDriverWait(self.driver, 20, 0.1).until(finished, f"the {kind} export saved nothing")
        return saved
