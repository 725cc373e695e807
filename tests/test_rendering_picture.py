from pathlib import Path

import pytest
from drawn_graphs import HOSTILE, document_graph, factor_graph
from rdflib import Graph

from ftzgraph.errors import OutputError
from ftzgraph.rendering.picture import causal_core, chinese_font, picture

matplotlib = pytest.importorskip("matplotlib", reason="the picture needs the extra 'picture'")
Image = pytest.importorskip("PIL.Image")

try:
    chinese_font()
    has_font = True
except OutputError:
    has_font = False
needs_font = pytest.mark.skipif(not has_font, reason="the picture needs a Chinese font")


def colors(path: Path) -> set[tuple[int, ...]]:
    image = Image.open(path).convert("RGB")
    return {color for _, color in image.getcolors(image.width * image.height)}


@needs_font
@pytest.mark.parametrize("quotes", [["数据标准不统一", "信息不共享", "通关缓慢"], ["成本为 $100 与 $200"], HOSTILE, []])
def test_the_picture_is_as_wide_as_a_readme_needs_and_not_blank(tmp_path: Path, quotes: list[str]) -> None:
    path = tmp_path / "picture.png"
    picture(document_graph(quotes), path, lang="en")
    assert Image.open(path).width == 2200
    assert len(colors(path)) > 1


@needs_font
def test_the_picture_has_the_same_bytes_every_time(tmp_path: Path) -> None:
    graph = document_graph(["数据标准不统一", "信息不共享"])
    for name in ("a.png", "b.png"):
        picture(graph, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_without_a_chinese_font_there_is_an_error_instead_of_boxes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matplotlib.font_manager.fontManager, "ttflist", [])
    with pytest.raises(OutputError, match="needs a Chinese font"):
        picture(document_graph(["数据标准不统一"]), tmp_path / "picture.png")
    assert list(tmp_path.iterdir()) == []


def test_without_matplotlib_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    with pytest.raises(OutputError, match=r"pip install 'ftzgraph\[picture\]'"):
        picture(Graph(), tmp_path / "picture.png")


def test_the_core_is_the_largest_groups_of_causes_that_fit() -> None:
    graph = factor_graph([("Problem", 0, 0)] * 6, [(0, "causes", 1), (2, "causes", 3), (3, "causes", 4)])
    assert list(causal_core(graph)) == ["f0", "f1", "f2", "f3", "f4"]
    assert list(causal_core(graph, most_barriers=4)) == ["f2", "f3", "f4"]
    assert len(causal_core(graph, most_barriers=2)) == 2


def test_the_core_takes_remedies_that_reach_most() -> None:
    kinds = ["Problem"] * 3 + ["Remedy"] * 3
    addresses = [(3, "addresses", 0), (4, "addresses", 0), (4, "addresses", 1), (5, "addresses", 2)]
    graph = factor_graph([(kind, 0, 0) for kind in kinds], [(0, "causes", 1), (1, "causes", 2), *addresses])
    assert list(causal_core(graph, most_strategies=1)) == ["f0", "f1", "f2", "f4"]
    assert list(causal_core(graph, most_strategies=2)) == ["f0", "f1", "f2", "f4", "f5"]


def test_the_core_leaves_out_what_a_chain_already_says() -> None:
    graph = factor_graph([("Problem", 0, 0)] * 3, [(0, "causes", 1), (1, "causes", 2), (0, "causes", 2)])
    assert list(causal_core(graph).edges()) == [("f0", "f1"), ("f1", "f2")]


def test_the_core_keeps_feedback_loops() -> None:
    graph = factor_graph([("Problem", 0, 0)] * 2, [(0, "causes", 1), (1, "causes", 0)])
    assert list(causal_core(graph).edges()) == [("f0", "f1"), ("f1", "f0")]


def test_without_causes_the_core_is_the_first_barriers() -> None:
    graph = factor_graph([("Achievement", 0, 0), ("Problem", 0, 0), ("Effect", 0, 0), ("Problem", 0, 0)])
    assert list(causal_core(graph, most_barriers=2)) == ["f1", "f2"]
