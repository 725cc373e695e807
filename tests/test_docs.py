import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import ftzgraph
from ftzgraph.cli import main

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").glob("*.md"))]
READMES = PAGES[:2]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def section(command: str) -> str:
    """What docs/cli.md says of a command."""
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    found = re.search(rf"^## ftzgraph {command}\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    assert found, f"docs/cli.md has no section for {command}"
    return found[1]


@pytest.mark.parametrize("name", main.commands)
def test_every_option_and_argument_is_documented(name: str) -> None:
    text = section(name)
    for parameter in main.commands[name].params:
        if isinstance(parameter, click.Option):
            assert all(f"`{option}" in text for option in parameter.opts)
        else:
            assert (parameter.metavar or str(parameter.name).upper()).strip("[].") in text


@pytest.mark.parametrize("name", main.commands)
def test_no_option_is_documented_that_there_is_not(name: str) -> None:
    known = {option for parameter in main.commands[name].params for option in parameter.opts}
    assert set(re.findall(r"`(--?[a-z-]+)", section(name))) <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_shown_is_one(page: Path) -> None:
    for block in blocks(page, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["make"]:
                assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
            elif words[:1] == ["ftzgraph"]:
                arguments = words[2 : words.index(">")] if ">" in words else words[2:]
                main.commands[words[1]].make_context(words[1], arguments)  # raises where the usage is wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_the_python_of_the_readme_runs(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    (code,) = blocks(page, "python")
    exec(compile(code, page.name, "exec"), {})
    assert "True" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_the_sparql_of_the_readme_finds_links(page: Path, built: Path) -> None:
    (sparql,) = blocks(page, "sparql")
    assert ftzgraph.query(ftzgraph.load(built / "graph.ttl"), sparql).rows


@pytest.fixture(scope="module")
def sample_built(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    ftzgraph.build(sample, folder / "output")
    return folder


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_the_queries_of_the_readme_find_something(
    page: Path, sample_built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sample_built)
    lines = [line for block in blocks(page, "sh") for line in block.replace("\\\n", " ").splitlines()]
    queries = [shlex.split(line)[1:] for line in lines if line.startswith("ftzgraph query ")]
    assert len(queries) > 2
    for query in queries:
        result = CliRunner().invoke(main, [*query, "--lang", "en"], catch_exceptions=False)
        assert result.exit_code == 0
        assert result.stdout not in ("", "no results\n")


def test_the_architecture_names_modules_and_folders_that_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:ftzgraph|ontology|data)/[\w/.-]+)`", text)
    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).exists()] == []
