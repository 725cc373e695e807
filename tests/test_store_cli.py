import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sparql_server import oxigraph
from stored_documents import name, note

import ftzgraph
from ftzgraph.cli import main
from ftzgraph.knowledge.serialisation import serialise
from ftzgraph.store import open_store


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], prog_name="ftzgraph")


def done(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("ftzgraph: ")
    return line


@pytest.fixture(scope="module")
def places(built: Path, tmp_path_factory: pytest.TempPathFactory):
    """The same graph in a file, in a store folder and behind a URL."""
    folder = tmp_path_factory.mktemp("places")
    with oxigraph(folder / "oxigraph") as url:
        for place in (folder / "store", url):
            with open_store(place, create=True) as store:
                store.add(ftzgraph.load(built / "graph.ttl"))
        yield built / "graph.ttl", folder / "store", url


@pytest.mark.parametrize(
    "command",
    [
        ("query", "<graph>", "--name", "statistics", "--format", "csv"),
        ("query", "<graph>", "SELECT ?text WHERE { ?f a ftz:Factor ; rdfs:label ?text }", "--format", "csv"),
        ("query", "<graph>", "CONSTRUCT WHERE { ?s a ?o }", "--format", "turtle"),
        ("validate", "<graph>"),
        ("analyse", "<graph>"),
        ("diff", "<graph>", "<graph>"),
        ("convert", "<graph>"),
        ("convert", "<graph>", "--format", "nquads"),
        ("convert", "<graph>", "--format", "graphml"),
        ("merge", "<graph>", "<graph>"),
        ("render", "<graph>", "-o", "<file>"),
        ("convert", "<graph>", "-o", "<file>"),
    ],
    ids=" ".join,
)
def test_every_command_takes_a_file_a_folder_or_a_url_alike(places, command: tuple[str, ...], tmp_path: Path) -> None:
    answers = []
    for place in places:
        output = tmp_path / ("out.html" if command[0] == "render" else "out.ttl")
        printed = done(*(str({"<graph>": place, "<file>": output}.get(word, word)) for word in command))
        answers.append(output.read_text(encoding="utf-8") if output.exists() else printed)
        output.unlink(missing_ok=True)
    assert answers[0]
    assert answers[1:] == answers[:1] * 2


def test_build_adds_to_a_store_and_replaces_what_is_there(paper: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("由于人才不足，企业发展缓慢。应加强培养。", encoding="utf-8")
    store = tmp_path / "store"
    said = done("build", paper, "-o", tmp_path / "one", "--engine", "rules", "--store", store)
    assert str(store) in said.splitlines()[-2]
    done("build", other, "-o", tmp_path / "two", "--engine", "rules", "--store", store)
    done("build", paper, other, "-o", tmp_path / "both", "--engine", "rules", "--store", store)
    assert done("convert", store) == (tmp_path / "both" / "graph.ttl").read_text(encoding="utf-8")
    assert "文档" not in done("build", paper, "-o", tmp_path / "one", "--store", store, "--lang", "en")
    engines = {document.file_name: document.engine for document in open_store(store).documents()}
    assert engines == {"paper.txt": "model", "other.txt": "rules"}


def test_build_writes_nothing_when_the_store_cannot_be_opened(paper: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("你好。", encoding="utf-8")
    assert "is no store, and not empty" in refused("build", paper, "-o", tmp_path / "out", "--store", tmp_path / "full")
    assert "holds a user or password" in refused(
        "build", paper, "-o", tmp_path / "out", "--store", "https://me:secret@example.org/"
    )
    assert not (tmp_path / "out").exists()


def test_documents_are_listed_added_and_removed(tmp_path: Path) -> None:
    store = tmp_path / "store"
    for number in (1, 2):
        (tmp_path / f"{number}.ttl").write_text(serialise(note(number)), encoding="utf-8")
    assert done("store", "add", store, tmp_path / "1.ttl", tmp_path / "2.ttl") == f"{name(1)}\n{name(2)}\n"
    chinese, english = (done("store", "list", store, "--lang", lang) for lang in ("zh", "en"))
    assert "id:6b86b273ff34" in chinese
    assert "2.txt" in english
    assert "文件" in chinese
    assert "file name" in english.lower()
    assert done("store", "remove", store, "1.txt") == f"{name(1)}\n"
    assert done("convert", store) == serialise(note(2))
    assert "holds no document 1.txt" in refused("store", "remove", store, "1.txt")
    assert "is a graph file" in refused("store", "remove", tmp_path / "2.ttl", "2.txt")
    assert "there is no document to add" in refused("store", "add", store, empty(tmp_path))
    assert "is no store" in refused("store", "list", tmp_path)


def empty(folder: Path) -> Path:
    (folder / "empty.nt").write_text("", encoding="utf-8")
    return folder / "empty.nt"


def test_a_url_with_a_password_is_refused_everywhere() -> None:
    for command in ("query", "validate", "analyse", "render", "convert"):
        said = refused(command, "https://me:secret@example.org/", *(["ASK {}"] if command == "query" else []))
        assert "secret" not in said


def test_ctrl_c_ends_a_query_that_would_run_for_ever(built: Path) -> None:
    cross_join = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?o ?p }"
    with subprocess.Popen(
        [sys.executable, "-m", "ftzgraph", "query", built / "graph.ttl", cross_join], stderr=subprocess.PIPE, text=True
    ) as process:
        time.sleep(5)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == -signal.SIGINT
        assert process.stderr
        assert process.stderr.read() == ""


def test_a_store_can_be_asked_in_json(tmp_path: Path) -> None:
    with open_store(tmp_path / "store", create=True) as store:
        store.add(note(1))
    found = json.loads(done("query", tmp_path / "store", "--name", "documents", "--format", "json"))
    assert found["results"]["bindings"][0]["fileName"]["value"] == "1.txt"
