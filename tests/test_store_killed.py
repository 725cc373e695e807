from pathlib import Path

from kills import killed_writers
from stored_documents import after, change

from ftzgraph.store import open_store


def test_a_writer_that_is_killed_at_any_moment_leaves_the_old_state_or_the_new(tmp_path: Path):
    survived = list(killed_writers(tmp_path / "store", 20))
    made = survived[-1].changes
    assert made > 5  # there was something to lose
    assert any(kill.halfway for kill in survived)
    with open_store(tmp_path / "store") as store:
        change(store, made)
        assert set(store.graph()) == set(after(made + 1))
    assert len(list((tmp_path / "store").glob("state-*"))) == 1
