import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import lxml.html
import pytest
from argument_graphs import Argument, barriers, iri
from browsing import Browser
from causal_maps import ACHIEVEMENT, CAUSE, EFFECT, GOAL, MAP, PROBLEM, REMEDY, SOURCE, THREAT, source_id
from drawn_graphs import HOSTILE, document_graph
from rdflib import Graph, Literal

import ftzgraph
from ftzgraph.building import BuildResult
from ftzgraph.causalmap import CausalMap, Factor, FactorType, Span
from ftzgraph.corpora.corpus import Corpus
from ftzgraph.dataframes import frames_of
from ftzgraph.document import Document, Sentence, Structure
from ftzgraph.errors import FtzgraphError, GraphError
from ftzgraph.knowledge.results import QueryResult
from ftzgraph.knowledge.vocabulary import FTZ
from ftzgraph.knowledge.vocabulary import ID as IDS
from ftzgraph.notebook import FINDINGS, ROWS, analysis_html
from ftzgraph.rendering.style import FACTORS

pandas = pytest.importorskip("pandas", reason="the frames need the extra 'notebook'")

ROOT = Path(__file__).parent.parent
TOUR = ROOT / "examples" / "tour.ipynb"
TAGS = {"div", "style", "p", "strong", "b", "bdi", "span", "table", "thead", "tbody", "tr", "th", "td", "pre"}
ATTRIBUTES = {"class", "style", "dir", "lang"}


def document_map(lines: tuple[str, ...]) -> CausalMap:
    """A map of a document of which the first line is the title and every line is a problem."""
    text, spans = "\n".join(lines), []
    for line in lines:
        start = spans[-1].end + 1 if spans else 0
        spans.append(Span(start, start + len(line)))
    places = tuple((span.start, span.end) for span in spans)
    sentences = tuple(Sentence(*place, i, None) for i, place in enumerate(places))
    structure = Structure(places[0], (), (), places, sentences)
    document = Document(lines[0], "0" * 64, text, text, tuple(range(len(text))), structure)
    return CausalMap(document, tuple(Factor(span, FactorType.PROBLEM, cue=text[span.start]) for span in spans), ())


EMPTY = replace(MAP, factors=(), links=(), mentions=())
HARMFUL = document_map(HOSTILE)


def parsed(html: str) -> lxml.html.HtmlElement:
    return lxml.html.fragment_fromstring(html)


def rows(html: str) -> list[list[str]]:
    """The cells of the tables, headings included."""
    return [[" ".join(cell.text_content().split()) for cell in row.xpath("th | td")] for row in parsed(html).iter("tr")]


def paragraphs(html: str) -> list[str]:
    return [" ".join(each.text_content().split()) for each in parsed(html).iter("p")]


@pytest.fixture(autouse=True)
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FTZGRAPH_LANG", raising=False)


# Frames


def test_the_frames_hold_every_factor_and_link_of_the_graph_in_reading_order() -> None:
    factors, links = ftzgraph.frames(ftzgraph.to_rdf(MAP))
    quotes = [CAUSE, PROBLEM, EFFECT, THREAT, REMEDY, GOAL, ACHIEVEMENT]
    assert list(factors.index) == [str(IDS[source_id("factor", quote)]) for quote in quotes]
    assert list(factors["quote"]) == quotes
    assert list(factors["type"]) == ["Cause", "Problem", "Effect", "Effect", "Remedy", "Goal", "Achievement"]
    assert list(zip(links["source_quote"], links["relation"], links["target_quote"], strict=True)) == [
        (CAUSE, "causes", PROBLEM),
        (PROBLEM, "causes", EFFECT),
        (REMEDY, "addresses", PROBLEM),
        (REMEDY, "aimsAt", GOAL),
    ]
    assert list(links["inferred"]) == [False, False, True, False]
    assert list(factors.loc[links["target"], "quote"]) == list(links["target_quote"])


def test_a_row_tells_where_its_factor_stands_and_why_it_is_one() -> None:
    row = ftzgraph.frames(ftzgraph.to_rdf(MAP)).factors.iloc[1].to_dict()
    assert SOURCE[row.pop("start") : row.pop("end")].replace("\n— 4 —\n", "") == PROBLEM
    assert row == {
        "type": "Problem",
        "quote": PROBLEM,
        "document": "港口通关的问题与对策",
        "section": "一、主要问题",
        "confidence": 0.9,
        "modality": "asserted",
        "negated": False,
        "method": "rules/lack",
        "cue": "不共享",
        "mentions": ("部门",),
    }


def test_a_map_and_a_factor_graph_give_the_same_frames_as_their_graph() -> None:
    graph = ftzgraph.to_rdf(MAP)
    for frames in (MAP.to_pandas(), frames_of(ftzgraph.analyse(graph).graph)):
        for one, other in zip(frames, ftzgraph.frames(graph), strict=True):
            pandas.testing.assert_frame_equal(one, other)


def test_a_section_is_told_with_the_sections_around_it() -> None:
    argument = Argument()
    argument.section("one", "问题", "一")
    argument.section("two", "通关", "（一）", parent="one")
    argument.factor("a", section="two")
    assert list(ftzgraph.frames(argument.graph).factors["section"]) == ["一、问题 › （一）通关"]


def test_what_is_less_certain_is_left_out_with_its_links() -> None:
    factors, links = ftzgraph.frames(ftzgraph.to_rdf(MAP), min_confidence=0.85)
    assert list(factors["quote"]) == [PROBLEM, EFFECT, REMEDY]
    assert list(links["source_quote"]) == [PROBLEM]


def test_a_factor_without_place_lacks_section_and_offsets() -> None:
    argument = barriers("a", "b")
    argument.graph.remove((IDS["b"], FTZ.evidence, None))
    factors = ftzgraph.frames(argument.graph).factors
    assert factors["start"].isna().to_dict() == {iri("a"): False, iri("b"): True}
    assert factors["section"].isna().all()
    assert factors["start"].dtype == factors["end"].dtype == "Int64"


def test_empty_frames_have_the_columns_and_types_of_full_ones() -> None:
    full, empty = MAP.to_pandas(), EMPTY.to_pandas()
    for one, other in zip(empty, full, strict=True):
        assert len(one) == 0
        assert list(one.columns) == list(other.columns)
        numbers = other.select_dtypes(["number", "bool"]).columns
        assert len(numbers) > 1
        assert list(one[numbers].dtypes) == list(other[numbers].dtypes)


def test_a_graph_of_nothing_has_no_frames() -> None:
    with pytest.raises(GraphError):
        ftzgraph.frames(Graph())


def test_an_answer_becomes_a_frame_of_python_values() -> None:
    frame = ftzgraph.query(
        Graph(),
        'SELECT * { VALUES (?iri ?text ?decimal ?number ?truth ?broken) { (ftz:causes "障碍"@zh 0.80 3 true "x"^^xsd:int)'
        "(UNDEF UNDEF 0.20 4 false UNDEF) } }",
    ).to_pandas()[["iri", "text", "decimal", "number", "truth", "broken"]]
    first, second = frame.sort_values("decimal", ascending=False).to_dict("records")
    assert first == {
        "iri": str(FTZ.causes),
        "text": "障碍",
        "decimal": 0.8,
        "number": 3,
        "truth": True,
        "broken": "x",
    }
    assert pandas.isna(second["iri"])
    assert type(first["iri"]) is type(first["text"]) is str
    assert (frame["decimal"].dtype, frame["truth"].dtype) == ("float64", "bool")
    assert frame["decimal"].mean() == 0.5


def test_other_kinds_of_answer_become_frames_too() -> None:
    graph = barriers("a", "b").graph
    assert ftzgraph.query(graph, "ASK { ?a ftz:causes ?b }").to_pandas().to_dict("records") == [{"answer": False}]
    triples = ftzgraph.query(graph, "CONSTRUCT { ?a ftz:causes ?a } WHERE { ?a a ftz:Problem }").to_pandas()
    assert list(triples["subject"]) == list(triples["object"]) == [iri("a"), iri("b")]
    nothing = ftzgraph.query(graph, "SELECT ?a ?b WHERE { ?a ftz:causes ?b }").to_pandas()
    assert (list(nothing.columns), len(nothing)) == (["a", "b"], 0)


@pytest.mark.parametrize(
    "ask", [MAP.to_pandas, QueryResult(("a",), ()).to_pandas, lambda: ftzgraph.frames(barriers("a").graph)]
)
def test_without_pandas_one_line_tells_how_to_get_it(
    ask: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(FtzgraphError, match=r"^a table needs pandas: pip install 'ftzgraph\[notebook\]'$"):
        ask()


@pytest.mark.parametrize("name", ["notebook.md", "notebook.zh.md"])
def test_the_page_about_notebooks_names_every_column(name: str) -> None:
    _, *tables = re.split(r"^\|.*`(?:factors|links)`.*\| \|$", (ROOT / "docs" / name).read_text("utf-8"), flags=re.M)
    for table, frame in zip(tables, MAP.to_pandas(), strict=True):
        first_cells = re.findall(r"^\| (`.*?) \|", table, flags=re.M)
        named = re.findall(r"`(\w+)`", " ".join(first_cells))
        assert sorted(named) == sorted(frame.reset_index().columns)


# HTML


def test_a_map_shows_its_title_counts_and_factors() -> None:
    html = MAP._repr_html_()
    assert paragraphs(html) == [
        "港口通关的问题与对策",
        "原因 1 · 问题 1 · 后果 2 · 对策 1 · 目标 1 · 成效 1 · 联系 4",
    ]
    table = rows(html)
    assert table[0] == ["类型", "引文", "出处", "置信度"]
    assert len(table) == 8
    start = SOURCE.index(EFFECT)
    assert table[3] == ["后果", EFFECT, f"一、主要问题 · {start}–{start + len(EFFECT)}", "0.85"]


def test_a_factor_bears_the_colour_of_its_type() -> None:
    chips = parsed(MAP._repr_html_()).xpath("//td//span[@class='chip']/@style")
    assert chips == [f"background-color: {FACTORS[factor.type].color}" for factor in MAP.factors]


def test_of_a_long_map_the_first_factors_are_shown_and_the_rest_is_counted() -> None:
    html = document_map(tuple(f"第{i}项工作进展缓慢" for i in range(ROWS + 1)))._repr_html_()
    assert len(rows(html)) == ROWS + 1
    assert paragraphs(html)[-1] == f"前 {ROWS} 条，共 {ROWS + 1} 条；全部内容见 .to_pandas()。"


def test_an_answer_shows_what_its_table_shows() -> None:
    result = ftzgraph.run_named(ftzgraph.to_rdf(MAP), "unanswered-barriers")
    headings, cells = result.cells("zh")
    assert rows(result._repr_html_()) == [headings, *cells]
    assert [row[0] for row in cells] == [CAUSE, EFFECT, THREAT]
    assert "标识" not in headings


def test_an_iri_of_an_answer_is_shortened() -> None:
    (_, row) = rows(ftzgraph.query(Graph(), "SELECT ?x ?y { VALUES (?x ?y) { (id:a ftz:causes) } }")._repr_html_())
    assert row == ["id:a", "导致"]


def test_of_a_long_answer_the_first_rows_are_shown_and_the_rest_is_counted() -> None:
    result = QueryResult(("x",), tuple((Literal(number),) for number in range(ROWS + 2)))
    assert len(rows(result._repr_html_())) == ROWS + 1
    assert paragraphs(result._repr_html_()) == [f"前 {ROWS} 条，共 {ROWS + 2} 条；全部内容见 .to_pandas()。"]


def test_an_answer_that_is_a_graph_is_shown_as_turtle() -> None:
    result = ftzgraph.query(ftzgraph.to_rdf(MAP), "CONSTRUCT WHERE { ?a ftz:causes ?b }")
    assert parsed(result._repr_html_()).findtext("pre").strip() == result.render("turtle").strip()


def test_an_analysis_shows_root_causes_unanswered_barriers_and_leverage() -> None:
    argument = barriers("a", "b", "c", "d", "lonely")
    argument.factor("r", "Remedy")
    argument.causes("a", "b", "c")
    argument.causes("d", "c")
    argument.link("r", "addresses", "a")
    html = analysis_html(ftzgraph.analyse(argument.graph))
    assert paragraphs(html) == [
        "测试文件",
        "问题 5 · 对策 1 · 联系 4 · 恶性循环 0 · 最小对策组合 1",
        "根本原因 (2)",
        "没有对策的障碍 (4)",
        "杠杆：一旦消除，别的障碍便不再有成因 (1)",
    ]
    told = [(row[1], *row[3:]) for row in rows(html)]
    roots, unanswered, leverage = told[1:3], told[4:8], told[9:]
    assert roots == [("陈述a", "2"), ("陈述d", "1")]
    assert unanswered == [
        ("陈述d",),
        ("陈述lonely",),
        ("陈述b",),
        ("陈述c",),
    ]  # those that no answer is near stand first
    assert leverage == [("陈述a", "1")]


def test_an_analysis_shows_the_foremost_findings_only() -> None:
    html = analysis_html(ftzgraph.analyse(barriers(*map(str, range(FINDINGS + 1))).graph))
    assert len(rows(html)) == FINDINGS + 1
    assert f"前 {FINDINGS} 条，共 {FINDINGS + 1} 条；全部内容见 .unanswered。" in paragraphs(html)


def test_an_analysis_that_stopped_looking_for_circles_says_so() -> None:
    names = [str(number) for number in range(9)]
    argument = barriers(*names)
    argument.causes(*names, names[0])
    assert "恶性循环 ≥ 0" in paragraphs(analysis_html(ftzgraph.analyse(argument.graph)))[1]


def test_of_several_documents_each_place_names_its_own() -> None:
    argument = barriers("a")
    argument.document("第二份文件", "b.txt")
    argument.factor("b")
    html = analysis_html(ftzgraph.analyse(argument.graph))
    assert paragraphs(html)[0] == "2 份文件"
    assert [row[2].split(" · ")[0] for row in rows(html)[1:]] == ["测试文件", "第二份文件"]


def built(maps: list[CausalMap], *written: str) -> BuildResult:
    """What a build of these maps returns."""
    return BuildResult(Corpus.of(maps), (), tuple(map(Path, written)))


def test_a_build_shows_documents_and_written_files() -> None:
    html = built([MAP, HARMFUL], "output/graph.ttl", "output/<b>.html")._repr_html_()
    assert paragraphs(html)[0].startswith("文件 2 · 原因 1 · 问题 9 ·")
    assert rows(html)[0] == ["标题", "文件名", "要素数", "联系数"]
    assert rows(html)[1] == ["港口通关的问题与对策", "port.txt", "7", "4"]
    assert rows(html)[-2:] == [["output/graph.ttl"], ["output/<b>.html"]]


@pytest.mark.parametrize(
    "html",
    [
        EMPTY._repr_html_,
        QueryResult(("x",), ())._repr_html_,
        built([EMPTY])._repr_html_,
        lambda: analysis_html(ftzgraph.analyse(ftzgraph.to_rdf(EMPTY))),
    ],
)
def test_what_is_empty_says_so(html: Callable[[], str]) -> None:
    assert "无" in paragraphs(html())


def test_tables_speak_the_language_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTZGRAPH_LANG", "en")
    assert rows(MAP._repr_html_())[0] == ["type", "quote", "place", "confidence"]
    assert paragraphs(EMPTY._repr_html_())[1:] == ["link 0", "none"]
    assert 'lang="en"' in ftzgraph.show(document_graph(["信息不共享"])).html


def test_a_language_that_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTZGRAPH_LANG", "fr")
    with pytest.raises(ValueError, match="FTZGRAPH_LANG is 'fr'"):
        MAP._repr_html_()


def views(causal_map: CausalMap) -> dict[str, str]:
    """Everything that a notebook can show of a map as a table."""
    graph = ftzgraph.to_rdf(causal_map)
    return {
        "map": causal_map._repr_html_(),
        "answer": ftzgraph.query(graph, "SELECT ?quote WHERE { ?a a ftz:Factor ; rdfs:label ?quote }")._repr_html_(),
        "graph": ftzgraph.query(graph, "CONSTRUCT WHERE { ?a rdfs:label ?quote }")._repr_html_(),
        "analysis": analysis_html(ftzgraph.analyse(graph)),
        "build": built([causal_map], causal_map.document.name)._repr_html_(),
    }


@pytest.mark.parametrize("view", views(MAP))
def test_text_of_a_document_never_becomes_markup(view: str) -> None:
    tree = parsed(views(HARMFUL)[view])
    assert {element.tag for element in tree.iter()} <= TAGS
    assert {name for element in tree.iter() for name in element.attrib} <= ATTRIBUTES
    assert HOSTILE[0] in tree.text_content()


@pytest.mark.parametrize("view", ["map", "answer"])
def test_text_of_a_document_can_be_read_as_it_stands(view: str) -> None:
    def visible(text: str) -> str:
        return "".join(character for character in text if character.isprintable() and not character.isspace())

    shown = visible(parsed(views(HARMFUL)[view]).text_content())
    assert [text for text in HOSTILE if visible(text) not in shown] == []


@pytest.mark.parametrize("view", views(MAP))
def test_a_view_takes_its_colours_from_the_notebook_and_its_dollars_for_dollars(view: str) -> None:
    tree = parsed(views(MAP)[view])
    (css,) = tree.xpath("//style/text()")
    assert not re.search(r"background|(?<![-\w])color\s*:", css)
    assert set(tree.xpath("//@style")) <= {f"background-color: {look.color}" for look in FACTORS.values()}
    assert {"tex2jax_ignore", "mathjax_ignore"} <= set(tree.get("class").split())


def test_the_explorer_stands_in_a_frame_that_cannot_touch_the_notebook() -> None:
    graph = ftzgraph.to_rdf(HARMFUL)
    frame = parsed(ftzgraph.show(graph, height=320, lang="en")._repr_html_())
    assert (frame.tag, len(frame)) == ("iframe", 0)
    assert frame.get("srcdoc") == ftzgraph.render(graph, "en")
    assert frame.get("sandbox") == "allow-scripts allow-downloads"
    assert "height: 320px" in frame.get("style")
    assert set(frame.attrib) == {"srcdoc", "sandbox", "style", "title"}


def test_the_explorer_leaves_out_what_is_less_certain() -> None:
    graph = ftzgraph.to_rdf(MAP)
    assert ftzgraph.show(graph, min_confidence=0.85).html == ftzgraph.render(graph, "zh", 0.85)


def test_the_explorer_runs_in_its_frame(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "notebook.html"
    frame = ftzgraph.show(ftzgraph.to_rdf(HARMFUL))._repr_html_()
    page.write_text(f"<!DOCTYPE html><meta charset='utf-8'><title>notebook</title>{frame}", encoding="utf-8")
    browser.load(page.as_uri())
    browser.driver.switch_to.frame(0)
    browser.wait("document.querySelector('canvas') !== null")
    browser.run("ftzgraph.select(ftzgraph.data.factors[0].iri)")  # which cannot change the address of a frame
    assert browser.text("#detail blockquote") != ""
    assert browser.run("return window.harmed") is None
    assert browser.run("try { return parent.document.title } catch { return null }") is None
    assert browser.complaints() == []


def test_views_have_the_same_bytes_in_every_process() -> None:
    script = "from test_notebook import MAP, views; import json; print(json.dumps(views(MAP)))"
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    surroundings = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    shown = subprocess.run(
        [sys.executable, "-c", script], env=surroundings, check=True, capture_output=True, text=True
    ).stdout
    assert json.loads(shown) == views(MAP)


# The tour


def test_the_tour_is_stored_without_outputs_and_tells_nothing_of_a_machine() -> None:
    tour = json.loads(TOUR.read_text(encoding="utf-8"))
    assert tour["metadata"] == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    code = [cell for cell in tour["cells"] if cell["cell_type"] == "code"]
    assert len(code) > 10
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert all(cell["metadata"] == {} for cell in tour["cells"])


@pytest.fixture(scope="module")
def toured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, object]]]:
    """The outputs of the tour's cells by id, run in a copy of the folders that it uses."""
    nbclient = pytest.importorskip("nbclient", reason="the tour needs nbclient and ipykernel")
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    folder = tmp_path_factory.mktemp("tour")
    for path in (TOUR, ROOT / "data" / "ftz-upgrade-strategy.txt"):
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir()
        shutil.copy(path, copy)
    tour = nbformat.read(folder / "examples" / "tour.ipynb", as_version=4)
    nbformat.validate(tour)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR"):
            patch.setenv(name, str(folder / name))
        client = nbclient.NotebookClient(
            tour, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder / "examples")}}
        )
        client.execute()  # raises at the first cell that fails
    return {cell.id: cell.outputs for cell in tour.cells if cell.cell_type == "code"}


TABLES = [
    "build",
    "factors",
    "named-query",
    "sparql",
    "analysis",
    "chapters",
    "mentions",
    "links",
    "join",
    "thresholds",
]


@pytest.mark.parametrize("cell", TABLES)
def test_the_tables_of_the_tour_have_rows(cell: str, toured: dict[str, list[dict[str, object]]]) -> None:
    (output,) = toured[cell]
    assert len(lxml.html.fromstring(output["data"]["text/html"]).findall(".//td")) > 2  # type: ignore[index]


def test_the_tour_shows_the_explorer(toured: dict[str, list[dict[str, object]]]) -> None:
    (output,) = toured["explorer"]
    assert output["data"]["text/html"].startswith("<iframe srcdoc=")  # type: ignore[index]


def test_the_evidence_of_the_tour_is_the_quote(toured: dict[str, list[dict[str, object]]]) -> None:
    (output,) = toured["evidence"]
    quote, *source = str(output["text"]).splitlines()
    assert quote
    assert "".join(source).replace(" ", "") == quote
