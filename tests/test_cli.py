import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rdflib import Graph

import ftzgraph
from ftzgraph.cli import main

OUTPUTS = ("graph.ttl", "graph.html", "report.md", "report.html", "report.docx")


def run(*arguments: object, **environment: str) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], env=environment, prog_name="ftzgraph")


def refused(result: Result) -> str:
    """The one line on standard error of a command that could not be done."""
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    lines = result.stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("ftzgraph: ")
    return lines[0]


def test_build_writes_all_files_and_says_so(paper: Path, tmp_path: Path) -> None:
    result = run("build", paper, "-o", tmp_path / "new" / "folder")
    assert result.exit_code == 0
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == sorted(OUTPUTS)
    assert all(name in result.stdout for name in OUTPUTS)
    assert "1 篇" in result.stdout
    assert len(ftzgraph.load(tmp_path / "new" / "folder" / "graph.ttl")) > 20


def test_build_gives_the_same_bytes_in_every_process(paper: Path, built: Path, tmp_path: Path) -> None:
    for seed, zone, locale in (("1", "UTC", "C"), ("2", "Asia/Shanghai", "C.UTF-8")):
        folder = tmp_path / seed
        folder.mkdir()
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale}
        command = [sys.executable, "-m", "ftzgraph", "build", str(paper), "-o", "out"]
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
        for name in OUTPUTS:
            assert (folder / "out" / name).read_bytes() == (built / name).read_bytes()


def test_many_sources_make_one_graph_whatever_the_number_of_processes(paper: Path, tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    (sources / "deeper").mkdir(parents=True)
    text = paper.read_text(encoding="utf-8")
    (sources / "one.txt").write_text(text, encoding="utf-8")
    (sources / "same.txt").write_text(text, encoding="utf-8")
    (sources / "deeper" / "two.md").write_text(text.replace("港口物流", "跨境电商"), encoding="utf-8")
    (sources / ".hidden.txt").write_text("不读。", encoding="utf-8")
    (sources / "picture.png").write_bytes(b"\x89PNG")
    for jobs in (1, 2):
        assert (
            "Documents: 2," in run("build", sources, "-o", tmp_path / str(jobs), "--jobs", jobs, "--lang", "en").stdout
        )
    for name in OUTPUTS:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_the_outputs_of_the_last_build_are_no_sources(paper: Path, tmp_path: Path) -> None:
    (tmp_path / "paper.txt").write_bytes(paper.read_bytes())
    for _ in range(2):
        assert "1 篇" in run("build", tmp_path, "-o", tmp_path / "out").stdout


def test_the_confidence_limit_is_for_page_and_report_not_for_the_graph(
    paper: Path, built: Path, tmp_path: Path
) -> None:
    assert run("build", paper, "-o", tmp_path, "--min-confidence", "1").exit_code == 0
    assert (tmp_path / "graph.ttl").read_bytes() == (built / "graph.ttl").read_bytes()
    assert (tmp_path / "report.md").read_bytes() != (built / "report.md").read_bytes()


@pytest.mark.parametrize(
    ("name", "content"),
    [("missing.txt", None), ("empty.txt", b""), ("binary.txt", bytes(range(256))), ("silent.txt", b"  \n\n  ")],
)
def test_a_source_that_cannot_be_read_is_named_and_nothing_is_written(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert name in refused(run("build", tmp_path / name, "-o", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_every_bad_source_among_many_is_named_and_the_others_are_built(paper: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    line = refused(run("build", tmp_path / "empty.txt", paper, tmp_path / "none.txt", "-o", tmp_path / "out"))
    assert "2 of 3" in line
    assert "empty.txt" in line
    assert "none.txt" in line
    with (tmp_path / "out" / "failed.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [Path(row["source"]).name for row in csv.DictReader(file)] == ["empty.txt", "none.txt"]
    assert len(ftzgraph.run_named(ftzgraph.load(tmp_path / "out" / "graph.ttl"), "documents").rows) == 1


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert "no document" in refused(run("build", tmp_path, "-o", tmp_path / "out"))


def test_an_output_that_is_no_folder_is_refused(paper: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "out" / "report.md").mkdir(parents=True)
    for output in ("file", "file/below", "out"):
        assert "cannot write" in refused(run("build", paper, "-o", tmp_path / output))
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["report.md"]


def test_a_build_that_finds_no_space_leaves_all_outputs_as_they_were(paper: Path, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    for name in OUTPUTS:
        (tmp_path / name).write_text("old", encoding="utf-8")

    def no_space_for_the_page() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))  # bytes a file; the page alone has more

    command = [sys.executable, "-m", "ftzgraph", "build", str(paper), "-o", str(tmp_path)]
    done = subprocess.run(command, preexec_fn=no_space_for_the_page, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 1
    assert done.stderr.startswith("ftzgraph: cannot write ")
    assert len(done.stderr.splitlines()) == 1
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == dict.fromkeys(OUTPUTS, "old")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_standard_output_that_is_full_is_told_in_one_line(built: Path) -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "ftzgraph", "convert", str(built / "graph.ttl")]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (1, "ftzgraph: No space left on device\n")


@pytest.mark.parametrize("engine", ["llm", "oracle"])
def test_an_engine_that_this_release_has_not_is_refused(paper: Path, tmp_path: Path, engine: str) -> None:
    assert engine in refused(run("build", paper, "-o", tmp_path / "out", "--engine", engine))


@pytest.mark.parametrize(
    "arguments",
    [
        ("build",),
        ("build", "a.txt", "--min-confidence", "1.1"),
        ("build", "a.txt", "--min-confidence", "nan"),
        ("build", "a.txt", "--jobs", "0"),
        ("build", "a.txt", "--lang", "fr"),
        ("query", "a.ttl"),
        ("query", "a.ttl", "ASK {}", "--name", "chains"),
        ("query", "a.ttl", "--name", "chains", "--param", "nonsense"),
        ("render", "a.ttl", "-o", "a.gif"),
        ("convert", "a.ttl", "-o", "a.xyz"),
        ("evaluate",),
        ("dance",),
    ],
)
def test_wrong_usage_exits_with_2(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.stderr


def test_the_language_can_come_from_the_environment(paper: Path, tmp_path: Path) -> None:
    assert "Documents: 1" in run("build", paper, "-o", tmp_path, FTZGRAPH_LANG="en").stdout


@pytest.mark.parametrize("command", ["analyse", "render", "validate", "serve", "convert"])
def test_a_graph_that_is_missing_or_broken_is_refused(tmp_path: Path, command: str) -> None:
    (tmp_path / "broken.ttl").write_text("@prefix a: <b> .\na:b a:c", encoding="utf-8")
    assert "none.ttl" in refused(run(command, tmp_path / "none.ttl"))
    assert "broken.ttl" in refused(run(command, tmp_path / "broken.ttl"))


def test_query_in_all_forms(built: Path, tmp_path: Path) -> None:
    graph = built / "graph.ttl"
    select = "SELECT (COUNT(?f) AS ?n) WHERE { ?f a ftz:Factor }"
    (tmp_path / "count.rq").write_text(select, encoding="utf-8")
    count = run("query", graph, select, "--format", "csv").stdout.split()[1]
    assert int(count) > 0
    assert run("query", graph, "--file", tmp_path / "count.rq", "--format", "csv").stdout.split()[1] == count
    answer = json.loads(run("query", graph, select, "--format", "json").stdout)
    assert answer["results"]["bindings"][0]["n"]["value"] == count
    turtle = run("query", graph, "CONSTRUCT { ?a ftz:causes ?b } WHERE { ?a ftz:causes ?b }", "--format", "turtle")
    assert len(Graph().parse(data=turtle.stdout, format="turtle")) == 1
    named = run("query", graph, "--name", "remedies-of-a-problem", "--param", "problem=没有这句话")
    assert named.exit_code == 0


def test_a_wrong_query_is_refused(built: Path, tmp_path: Path) -> None:
    graph = built / "graph.ttl"
    assert "line 1" in refused(run("query", graph, "SELECT WHERE"))
    assert "root-causes" in refused(run("query", graph, "--name", "root-cause"))
    assert "none.rq" in refused(run("query", graph, "--file", tmp_path / "none.rq"))
    assert "turtle" in refused(run("query", graph, "SELECT * WHERE { ?a ftz:causes ?b }", "--format", "turtle"))
    assert "SERVICE" in refused(run("query", graph, "SELECT * WHERE { SERVICE <http://127.0.0.1/> { ?a ?b ?c } }"))


def test_the_named_queries_are_listed_in_both_languages() -> None:
    assert "没有对策" in run("query", "--list").stdout
    assert "remedies" in run("query", "--list", "--lang", "en").stdout


def test_analyse_writes_what_build_writes(built: Path, tmp_path: Path) -> None:
    printed = run("analyse", built / "graph.ttl").stdout
    assert printed == (built / "report.md").read_text(encoding="utf-8")
    assert run("analyse", built / "graph.ttl", "-o", tmp_path / "report.md").exit_code == 0
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == printed
    assert isinstance(json.loads(run("analyse", built / "graph.ttl", "--format", "json").stdout), dict)


def test_render_writes_what_build_writes(built: Path, tmp_path: Path) -> None:
    assert run("render", built / "graph.ttl", "-o", tmp_path / "page.html").exit_code == 0
    assert (tmp_path / "page.html").read_bytes() == (built / "graph.html").read_bytes()


def test_validate_accepts_what_build_writes_and_rejects_a_broken_copy(built: Path, tmp_path: Path) -> None:
    assert run("validate", built / "graph.ttl").exit_code == 0
    graph = ftzgraph.load(built / "graph.ttl")
    graph.remove((None, ftzgraph.knowledge.vocabulary.FTZ.evidence, None))
    (tmp_path / "broken.ttl").write_text(ftzgraph.serialise(graph), encoding="utf-8")
    result = run("validate", tmp_path / "broken.ttl", "--lang", "en")
    assert "does not conform" in refused(result)
    assert "evidence" in result.stdout


def test_text_prints_the_source_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "windows.txt").write_bytes("第一行。\r\n\r\n第二行。".encode())
    result = run("text", tmp_path / "windows.txt")
    assert result.stdout_bytes.decode() == "第一行。\r\n\r\n第二行。"
    assert "none.txt" in refused(run("text", tmp_path / "none.txt"))


@pytest.mark.parametrize("suffix", ["ttl", "nt", "jsonld"])
def test_convert_keeps_every_triple(built: Path, tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"graph.{suffix}"
    assert run("convert", built / "graph.ttl", "-o", target).exit_code == 0
    assert set(ftzgraph.load(target)) == set(ftzgraph.load(built / "graph.ttl"))


def test_convert_prints_without_an_output(built: Path) -> None:
    assert run("convert", built / "graph.ttl").stdout == (built / "graph.ttl").read_text(encoding="utf-8")
    assert "<graphml" in run("convert", built / "graph.ttl", "--format", "graphml").stdout


def test_evaluate_prints_all_levels_and_takes_a_built_graph(paper: Path, built: Path, tmp_path: Path) -> None:
    (tmp_path / "paper.txt").write_bytes(paper.read_bytes())
    factors = [{"id": "a", "type": "Problem", "text": "各部门之间难以共享信息"}]
    annotation = {"document": "paper.txt", "factors": factors, "links": []}
    (tmp_path / "paper.json").write_text(json.dumps(annotation), encoding="utf-8")
    anew = run("evaluate", tmp_path / "paper.json", "--errors", "--lang", "en")
    assert "barrier/strategy" in anew.stdout
    assert run("evaluate", tmp_path, "--errors", "--lang", "en", "--graph", built / "graph.ttl").stdout == anew.stdout
    plain = json.loads(run("evaluate", tmp_path, "--format", "json").stdout)
    assert plain["documents"][0]["levels"]["factor"]["recall"] == plain["mean"]["factor"][1]
    assert "none.json" in refused(run("evaluate", tmp_path / "none.json"))


def test_every_command_has_help_in_both_languages_with_an_example() -> None:
    for name in main.commands:
        shown = run(name, "--help").stdout
        assert f"  ftzgraph {name} " in shown
        assert any("一" <= character <= "鿿" for character in shown)


def test_help_needs_no_heavy_library() -> None:
    code = (
        "import sys, ftzgraph.cli; ftzgraph.cli.main(['build', '--help'], standalone_mode=False); "
        "print({'spacy', 'rdflib', 'networkx', 'rich'} & set(sys.modules), file=sys.stderr)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")
    assert shown.stderr.strip() == "set()"


def test_a_reader_that_closes_the_pipe_gets_no_traceback(sample: Path) -> None:
    command = f"'{sys.executable}' -m ftzgraph text '{sample}' | true"
    shown = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert shown.stderr == ""


def test_the_interface_is_what_it_says() -> None:
    assert {"read", "extract", "to_rdf", "build", "query", "analyse", "render"} <= set(ftzgraph.__all__)
    assert all(callable(getattr(ftzgraph, name)) for name in ftzgraph.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = ftzgraph.nothing
