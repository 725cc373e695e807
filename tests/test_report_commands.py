import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from test_report import argument

from ftzgraph.analysis.measures import analyse
from ftzgraph.analysis.report import report
from ftzgraph.brief.page import page
from ftzgraph.brief.word import word
from ftzgraph.cli import main
from ftzgraph.knowledge.serialisation import load, serialise


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    path = tmp_path / "graph.ttl"
    path.write_text(serialise(argument().graph), encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], prog_name="ftzgraph")


def test_analyse_writes_what_the_suffix_or_the_format_says(graph: Path, tmp_path: Path) -> None:
    analysis = analyse(load(graph))
    expected = {
        "md": report(analysis, "en").encode(),
        "html": page(analysis, "en").encode(),
        "docx": word(analysis, "en"),
        "json": analysis.to_json().encode(),
    }
    for form, content in expected.items():
        for name, options in ((f"brief.{form.upper()}", ()), ("brief.txt", ("--format", form))):
            assert run("analyse", graph, "--lang", "en", "-o", tmp_path / name, *options).exit_code == 0
            assert (tmp_path / name).read_bytes() == content
        assert run("analyse", graph, "--lang", "en", "--format", form).stdout_bytes == content
    assert run("analyse", graph, "--lang", "en").stdout_bytes == expected["md"]
    json.loads(expected["json"])


def test_analyse_refuses_a_suffix_that_says_nothing(graph: Path, tmp_path: Path) -> None:
    result = run("analyse", graph, "-o", tmp_path / "brief.pdf")
    assert result.exit_code == 2
    assert "--format" in result.stderr
    assert not (tmp_path / "brief.pdf").exists()


def test_a_word_document_does_not_go_to_a_terminal(graph: Path) -> None:
    pty = pytest.importorskip("pty", reason="needs a terminal")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "ftzgraph", "analyse", str(graph), "--format", "docx"]
    done = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, text=True, encoding="utf-8")
    os.set_blocking(ours, False)
    with pytest.raises(BlockingIOError):  # nothing was written
        os.read(ours, 1)
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 1
    assert done.stderr == "ftzgraph: a Word document is nothing for a terminal: name a file with -o\n"


@pytest.mark.parametrize(("kind", "shown"), [("core", "因果核心"), ("matrix", "障碍与对策对照")])
def test_render_draws_what_is_asked_for(graph: Path, tmp_path: Path, kind: str, shown: str) -> None:
    assert run("render", graph, "-o", tmp_path / "a.svg", "--picture", kind).exit_code == 0
    drawn = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert f'aria-label="{shown}' in drawn
    assert "项目停滞" in drawn
    assert run("render", graph, "-o", tmp_path / "b.svg", "--picture", kind, "--min-confidence", "0.5").exit_code == 0
    assert "项目停滞" not in (tmp_path / "b.svg").read_text(encoding="utf-8")


def test_the_same_brief_in_every_process(graph: Path, tmp_path: Path) -> None:
    for suffix in ("html", "docx"):
        written = set()
        for seed in ("1", "2"):
            output = tmp_path / f"{seed}.{suffix}"
            command = [sys.executable, "-m", "ftzgraph", "analyse", str(graph), "-o", str(output)]
            environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": ("UTC", "Asia/Shanghai")[int(seed) - 1]}
            subprocess.run(command, env=environment, check=True, capture_output=True)
            written.add(output.read_bytes())
        assert len(written) == 1
