import sys
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import pytest
from drawn_graphs import HOSTILE, document_graph, factor_graph

from ftzgraph.causalmap import Relation
from ftzgraph.errors import OutputError
from ftzgraph.rendering.core import causal_core, draw_core
from ftzgraph.rendering.drawing import Drawing, Line, Shape, Text, arrow
from ftzgraph.rendering.picture import picture
from ftzgraph.rendering.png import WIDTH, chinese_fonts, png
from ftzgraph.rendering.style import LINKS
from ftzgraph.rendering.svg import svg

matplotlib = pytest.importorskip("matplotlib", reason="the picture needs the extra 'picture'")
Image = pytest.importorskip("PIL.Image")

try:
    chinese_fonts()
    has_font = True
except OutputError:
    has_font = False
needs_font = pytest.mark.skipif(not has_font, reason="the picture needs a Chinese font")


def colors(path: Path) -> set[tuple[int, ...]]:
    image = Image.open(path).convert("RGB")
    return {color for _, color in image.getcolors(image.width * image.height)}


@needs_font
@pytest.mark.parametrize("kind", ["core", "matrix"])
@pytest.mark.parametrize("quotes", [["数据标准不统一", "信息不共享", "通关缓慢"], ["成本为 $100 与 $200"], HOSTILE, []])
def test_the_picture_is_as_wide_as_a_readme_needs_and_not_blank(
    tmp_path: Path, quotes: list[str], kind: Literal["core", "matrix"]
) -> None:
    path = tmp_path / "picture.png"
    picture(document_graph(quotes), path, "en", kind)
    assert Image.open(path).width == WIDTH == 2200
    assert len(colors(path)) > 1


@needs_font
@pytest.mark.parametrize("kind", ["core", "matrix"])
@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_the_picture_has_the_same_bytes_every_time(
    tmp_path: Path, kind: Literal["core", "matrix"], suffix: str
) -> None:
    graph = document_graph(["数据标准不统一", "信息不共享"])
    for name in ("a", "b"):
        picture(graph, tmp_path / f"{name}.{suffix}", kind=kind)
    assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


@needs_font
def test_a_character_that_no_font_has_is_a_question_mark_and_not_an_empty_box() -> None:
    def drawn(text: str) -> bytes:
        return png(Drawing(0, 0, 200, 40, "", (Text(10, 20, text),)))

    assert drawn("缺\U000e0fff字\ufe0f") == drawn("缺?字")
    assert drawn("倒\u202e写\x07") == drawn("倒写") != drawn("")


def test_without_a_chinese_font_there_is_an_error_instead_of_boxes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ftzgraph.rendering.png.FONTS", ("A font that nobody has",))
    with pytest.raises(OutputError, match="needs a Chinese font"):
        picture(document_graph(["数据标准不统一"]), tmp_path / "picture.png")
    assert list(tmp_path.iterdir()) == []


@needs_font
def test_a_font_installed_after_matplotlib_looked_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    before = chinese_fonts()
    monkeypatch.setattr(matplotlib.font_manager.fontManager, "ttflist", [])
    assert chinese_fonts()[0] == before[0]


def test_without_matplotlib_the_error_says_what_to_install_and_svg_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(OutputError, match=r"pip install 'ftzgraph\[picture\]'"):
        picture(document_graph(["数据标准不统一"]), tmp_path / "picture.png")
    picture(document_graph(["数据标准不统一"]), tmp_path / "picture.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["picture.svg"]


def elements(text: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(text).iter())


@pytest.mark.parametrize("kind", ["core", "matrix"])
def test_an_svg_holds_the_quotes_as_text_and_nothing_that_acts(tmp_path: Path, kind: Literal["core", "matrix"]) -> None:
    picture(document_graph([*HOSTILE, "标准\x00不\ufffe一"]), tmp_path / "a.svg", kind=kind)
    found = elements((tmp_path / "a.svg").read_text(encoding="utf-8"))
    said = "".join(element.text or "" for element in found)
    for quote in ("<script>", '"><img', "javascript:", "标准不一", "倒写的文字"):
        assert quote in said
    assert "\u202e" not in said
    names = {element.tag.rpartition("}")[2] for element in found}
    assert names <= {"svg", "rect", "path", "text"}
    assert not any(name.startswith("on") or "href" in name for element in found for name in element.attrib)


def test_an_svg_has_a_shape_for_each_factor_and_an_arrow_for_each_link() -> None:
    kinds = ["Cause", "Problem", "Remedy"]
    graph = factor_graph([(kind, 0, 0) for kind in kinds], [(0, "causes", 1), (2, "addresses", 1)])
    classes = [element.get("class") for element in elements(svg(draw_core(graph, "en")))]
    for kind in kinds:  # and once more in the legend
        assert classes.count(kind) == 2
    for relation in ("causes", "addresses"):
        assert classes.count(relation) == classes.count(f"head {relation}") == 2


def test_an_arrow_ends_with_its_tip_where_it_points() -> None:
    line, head = arrow(((0, 0), (30, 0), (50, 90), (100, 90)), LINKS[Relation.CAUSES], "causes")
    assert isinstance(line, Line)
    assert isinstance(head, Shape)
    assert line.points[-1] == (92, 90)
    assert head.corners[0] == (100, 90)
    assert {x for x, _ in head.corners[1:]} == {92}


def test_factors_of_low_confidence_can_be_left_out(tmp_path: Path) -> None:
    picture(document_graph(["数据标准不统一"]), tmp_path / "a.svg", min_confidence=1)
    assert "数据标准" not in (tmp_path / "a.svg").read_text(encoding="utf-8")


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
