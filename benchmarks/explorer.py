"""How soon the explorer opens and answers a click, beside vis-network alone with the same boxes, in the same browser.

python benchmarks/explorer.py [--factors N ...] [--clicks N]

Needs selenium, Chromium and its driver. The graph is that of the tests: sections of 50 factors, half as many links again.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from browsing import Browser  # noqa: E402
from drawn_graphs import large_graph  # noqa: E402

from ftzgraph.rendering.explorer import render  # noqa: E402

_CLICKS = """
const [number, done] = arguments;
const frame = () => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
(async () => {
  const times = [];
  for (let i = 0; i < number; i += 1) {
    const start = performance.now();
    ftzgraph.select(ftzgraph.data.factors[(i * 97) % ftzgraph.data.factors.length].iri, { reveal: false });
    await frame();
    times.push(performance.now() - start);
  }
  done(times);
})();
"""
_PLAIN = """<!DOCTYPE html><meta charset="utf-8"><style>html, body, #c {{ height: 100%; margin: 0 }}</style><div id="c"></div>
<script>{library}</script><script>
const network = new vis.Network(document.getElementById("c"), {network}, {{
  physics: false, layout: {{ improvedLayout: false }}, nodes: {{ shape: "box" }}, edges: {{ smooth: false, arrows: "to" }} }});
network.once("afterDrawing", () => {{ window.ftzgraph = {{}}; }});
</script>"""


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--factors", type=int, nargs="+", default=[100, 500, 2_000])
    parser.add_argument("--clicks", type=int, default=20)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        browser = Browser(folder)
        print(
            "factors  links     MB  render s  open s  vis alone s   ratio  click ms (median, worst): overview  all drawn"
        )
        for number in args.factors:
            graph = large_graph(number, number * 3 // 2, number // 50)
            start = time.perf_counter()
            html = render(graph)
            rendered = time.perf_counter() - start
            (folder / "page.html").write_text(html, encoding="utf-8")
            (folder / "plain.html").write_text(_plain(html), encoding="utf-8")
            opened, plain = (min(_open(browser, folder / f) for _ in range(3)) for f in ("page.html", "plain.html"))
            clicks = []
            for layout in ("overview", "causal"):
                browser.open(folder / "page.html", f"#l={layout}")
                times = browser.driver.execute_async_script(_CLICKS, args.clicks)
                clicks.append(f"{statistics.median(times):4.0f} {max(times):4.0f}")
            print(
                f"{number:7}  {number * 3 // 2:5}  {len(html.encode()) / 1e6:5.1f}  {rendered:8.2f}  {opened:6.2f}  {plain:11.2f}  "
                f"{opened / plain:6.1f}  {clicks[0]:>34}  {clicks[1]:>9}"
            )
        browser.driver.quit()


def _open(browser: Browser, page: Path) -> float:
    start = time.perf_counter()
    browser.open(page)
    return time.perf_counter() - start


def _plain(html: str) -> str:
    """The same boxes and links, drawn by vis-network in a page of nothing else."""
    data = json.loads(html.partition('id="data">')[2].partition("</script>")[0])
    library = html.partition("</script>\n<script>")[2].partition("</script>")[0]
    nodes = [{"id": n["id"], "label": n["label"], "x": n["x"], "y": n["y"]} for n in data["network"]["nodes"]]
    edges = [{"from": e["from"], "to": e["to"]} for e in data["network"]["edges"]]
    return _PLAIN.format(library=library, network=json.dumps({"nodes": nodes, "edges": edges}).replace("<", "\\u003c"))


if __name__ == "__main__":
    main()
