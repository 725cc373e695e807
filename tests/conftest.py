from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import Browser
from hypothesis import settings

settings.register_profile("ftzgraph", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("ftzgraph")

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def sample() -> Path:
    """The sample document of the repository."""
    return ROOT / "data" / "ftz-upgrade-strategy.txt"


@pytest.fixture(scope="session")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A document of a few sentences, with a cause, a problem and a remedy."""
    path = tmp_path_factory.mktemp("paper") / "paper.txt"
    path.write_text(
        "港口物流的现状与出路\n\n一、存在的主要问题\n\n由于缺乏统一的数据标准，各部门之间难以共享信息。\n\n"
        "二、对策建议\n\n应加快建立统一的数据平台，实现信息共享。\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="session")
def built(paper: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the outputs of that document."""
    from ftzgraph import build

    folder = tmp_path_factory.mktemp("built")
    build(paper, folder)
    return folder


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all tests; without Chromium they are skipped."""
    started = Browser(tmp_path_factory.mktemp("browser"))
    yield started
    started.driver.quit()
