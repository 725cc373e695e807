from dataclasses import replace

import pytest
from drawn_graphs import HOSTILE, factor_graph
from hypothesis import given
from hypothesis import strategies as st

from ftzgraph.analysis.graph import FactorGraph, links
from ftzgraph.causalmap import Relation
from ftzgraph.rendering.drawing import Drawing, Line, Shape, Text
from ftzgraph.rendering.labels import text_width
from ftzgraph.rendering.matrix import COLUMNS, ROWS, Matrix, draw_matrix, matrix, notes, shortened


def argument() -> FactorGraph:
    kinds = ["Problem", "Remedy", "Cause", "Goal", "Achievement", "Effect", "Remedy"]
    quotes = ["通关缓慢", "建立平台", "标准不一", "信息共享", "建成口岸", "企业外迁", "加强宣传"]
    found = [(1, "addresses", 0), (3, "addresses", 0), (3, "addresses", 2), (6, "aimsAt", 3), (2, "causes", 0)]
    return factor_graph([(kind, 0, 0) for kind in kinds], found, quotes)


def change(graph: FactorGraph, strategy: str, **values: object) -> None:
    """Change the link from a strategy to the first barrier."""
    edge = graph.edges[strategy, "f0", Relation.ADDRESSES]
    edge["link"] = replace(edge["link"], **values)


def texts(drawing: Drawing) -> list[str]:
    return [element.text for element in drawing.elements if isinstance(element, Text)]


def test_rows_are_barriers_and_columns_the_strategies_that_address_one() -> None:
    (sheet,) = matrix(argument()).sheets
    assert {n: record.quote for n, record in sheet.barriers.items()} == {1: "通关缓慢", 2: "标准不一", 3: "企业外迁"}
    assert {n: record.quote for n, record in sheet.strategies.items()} == {1: "建立平台", 2: "信息共享"}
    rows = [[link and link.source for link in sheet.row(record)] for record in sheet.barriers.values()]
    assert rows == [["f1", "f3"], [None, "f3"], [None, None]]


def test_what_the_text_denies_is_no_answer() -> None:
    graph = argument()
    change(graph, "f1", negated=True)
    (sheet,) = matrix(graph).sheets
    assert {record.quote for record in sheet.strategies.values()} == {"信息共享"}


@given(st.data())
def test_every_link_has_one_cell_and_no_sheet_more_than_a_page_holds(data: st.DataObject) -> None:
    barriers, strategies = data.draw(st.integers(0, 2 * ROWS + 5)), data.draw(st.integers(0, COLUMNS + 8))
    ends = st.tuples(st.integers(0, barriers - 1), st.integers(barriers, barriers + strategies - 1))
    pairs = data.draw(st.sets(ends, max_size=150)) if barriers and strategies else set()
    documents = data.draw(st.integers(1, 3))
    kinds = [("Problem", i * documents // barriers, 0) for i in range(barriers)]
    graph = factor_graph(
        [*kinds, *(("Remedy", documents - 1, 0) for _ in range(strategies))],
        [(strategy, "addresses", barrier) for barrier, strategy in sorted(pairs)],
    )
    whole = matrix(graph, most=1000)
    assert [n for sheet in whole.sheets for n in sheet.barriers] == list(range(1, barriers + 1))
    assert whole.left_out == 0
    cells = [cell for sheet in whole.sheets for cell in sheet.cells]
    assert len(cells) == len(set(cells))
    assert set(cells) <= {(link.target, link.source) for link in links(graph, Relation.ADDRESSES)}
    assert len(cells) + sum(sheet.dropped for sheet in whole.sheets) == len(pairs)
    for sheet in whole.sheets:
        assert 0 < len(sheet.barriers) <= ROWS
        assert len(sheet.strategies) <= COLUMNS
        assert sheet.dropped == 0 or len(sheet.barriers) == 1
        assert {record.document for record in sheet.barriers.values()} == {next(iter(sheet.barriers.values())).document}
        assert {strategy for _, strategy in sheet.cells} == {record.iri for record in sheet.strategies.values()}


def test_of_too_many_strategies_against_one_barrier_the_surest_are_kept() -> None:
    many = COLUMNS + 2
    graph = factor_graph(
        [("Problem", 0, 0), *[("Remedy", 0, 0)] * many], [(i, "addresses", 0) for i in range(1, many + 1)]
    )
    for strategy in ("f1", "f7"):
        change(graph, strategy, confidence=0.1)
    whole = matrix(graph)
    assert [n for sheet in whole.sheets for n in sheet.strategies] == [n for n in range(1, many + 1) if n not in (1, 7)]
    assert notes(whole, "zh") == ["对策过多，另有 2 条置信度较低的关系未列入。"]


def test_what_is_left_out_is_said() -> None:
    whole = matrix(factor_graph([("Problem", 0, 0)] * (ROWS + 1)), most=1)
    assert (len(whole.sheets[0].barriers), whole.left_out) == (23, 23)
    assert notes(whole, "en") == ["Barriers left out for want of room: 23."]
    assert notes(Matrix((), 0), "en") == []


@pytest.mark.parametrize(("lang", "code", "nothing"), [("zh", "障3", "没有对策"), ("en", "B3", "unanswered")])
def test_the_drawing_says_what_the_matrix_holds(lang: str, code: str, nothing: str) -> None:
    said = texts(draw_matrix(argument(), lang))
    assert said.count("50") == 3
    assert said.count(nothing) == 1
    assert said[said.index(nothing) + 1 :][:2] == [code, "企业外迁"]
    assert {"建立平台", "信息共享"} < set(said)
    assert "加强宣传" not in said


def test_only_inferred_cells_are_hatched() -> None:
    def strokes(graph: FactorGraph) -> int:
        return sum(
            isinstance(element, Line) and element.role.startswith("shade-") for element in draw_matrix(graph).elements
        )

    graph = argument()
    legend = strokes(graph)
    change(graph, "f1", inferred=True)
    assert strokes(graph) == 2 * legend > 0


@pytest.mark.parametrize("kinds", [[], ["Achievement"], ["Problem"], ["Problem"] * (5 * ROWS)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_everything_is_drawn_within_the_drawing(kinds: list[str], lang: str) -> None:
    drawing = draw_matrix(factor_graph([(kind, 0, 0) for kind in kinds]), lang)
    assert texts(drawing)
    for element in drawing.elements:
        points = [(element.x, element.y)] if isinstance(element, Text) else corners(element)
        for x, y in points:
            assert drawing.left <= x <= drawing.left + drawing.width
            assert drawing.top <= y <= drawing.top + drawing.height


def corners(element: Shape | Line) -> tuple[tuple[float, float], ...]:
    return element.corners if isinstance(element, Shape) else element.points


def test_a_graph_without_barriers_is_said_to_have_none() -> None:
    assert "没有读出障碍。" in texts(draw_matrix(factor_graph([("Remedy", 0, 0)])))


def test_several_documents_have_sheets_of_their_own_under_their_titles() -> None:
    graph = factor_graph([("Problem", 0, 0), ("Problem", 1, 0)])
    assert [list(sheet.barriers) for sheet in matrix(graph).sheets] == [[1], [2]]
    said = texts(draw_matrix(graph))
    assert said.index("文件0") < said.index("障1") < said.index("文件1") < said.index("障2")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="fr"):
        draw_matrix(argument(), "fr")


@given(st.text(alphabet="港口ab 　，、\u0301\n", max_size=40), st.integers(2, 20))
def test_a_shortened_text_is_the_text_or_its_beginning(text: str, columns: int) -> None:
    plain, short = " ".join(text.split()), shortened(text, columns)
    assert text_width(short) <= columns
    assert short == plain or (short.endswith("…") and plain.startswith(short[:-1]))


def test_hostile_quotes_are_drawn_as_they_are() -> None:
    graph = factor_graph([("Problem", 0, 0)] * len(HOSTILE), quotes=HOSTILE)
    assert HOSTILE[1] in texts(draw_matrix(graph))
