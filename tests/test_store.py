import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from causal_maps import MAP
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import RDF, BNode, Graph, Literal, URIRef
from stored_documents import name, note

from ftzgraph.errors import GraphError, QueryError
from ftzgraph.knowledge.queries import named_queries, run_named
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.serialisation import FORMATS, load, serialise
from ftzgraph.knowledge.vocabulary import FTZ, ID
from ftzgraph.store import StoreError, open_graph, open_store, read_triples
from ftzgraph.store.export import turtle
from ftzgraph.store.local import FORMAT, MARKER, LocalStore

EVERYTHING = note(1) + note(2) + to_rdf(MAP)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LocalStore]:
    with LocalStore(tmp_path / "store", create=True) as opened:
        yield opened


def exported(store: LocalStore) -> str:
    return b"".join(turtle(store)).decode()


def names(store: LocalStore) -> list[str]:
    return [document.iri for document in store.documents()]


# --- what is in a store ---


def test_what_was_added_comes_back_as_it_was(store: LocalStore):
    assert store.add(to_rdf(MAP)) == tuple(names(store))
    assert store.add(note(1) + note(2)) == tuple(sorted([name(1), name(2)]))
    assert set(store.graph()) == set(EVERYTHING)
    assert serialise(store.graph()) == serialise(EVERYTHING)


def test_a_new_store_holds_nothing(store: LocalStore):
    assert store.documents() == ()
    assert len(store.graph()) == 0
    assert store.query("ASK { ?s ?p ?o }").boolean is False


def test_documents_tell_what_they_are_and_where_their_argument_comes_from(store: LocalStore):
    store.add(note(1, engine="model"))
    (found,) = store.documents()
    assert (found.iri, found.title, found.file_name) == (name(1), "1.txt", "1.txt")
    assert (found.engine, found.engine_version) == ("model", "0.1.0")
    assert found.sha256.startswith(name(1).removeprefix(ID))


def test_a_document_is_a_named_graph_and_what_documents_share_stands_there_once(store: LocalStore):
    store.add(note(1))
    store.add(note(2))
    actors = "SELECT ?actor ?label WHERE { ?actor a ftz:Actor ; skos:prefLabel ?label }"
    assert [str(row[1]) for row in store.query(actors).rows] == ["海关"]
    assert store.query(f"SELECT ?f FROM <{name(1)}> WHERE {{ ?f a ftz:Problem }}").rows[0][0].startswith(name(1))
    graphs = store.query("SELECT DISTINCT ?graph WHERE { GRAPH ?graph { ?s ?p ?o } }").rows
    assert {str(row[0]) for row in graphs} == {name(1), name(2), str(ID.shared)}
    assert store.query(f"ASK {{ GRAPH <{name(2)}> {{ <{name(2)}> a ftz:Document }} }}").boolean


@pytest.mark.parametrize("clause", ["FROM <file:///etc/hostname>", "FROM NAMED id:none", "FROM <http://127.0.0.1:1/>"])
def test_a_graph_that_is_not_in_the_store_cannot_be_asked(store: LocalStore, clause: str):
    store.add(note(1))
    with pytest.raises(QueryError, match=r"FROM <.*> is not allowed"):
        store.query(f"SELECT * {clause} WHERE {{ ?s ?p ?o }}")


def test_a_store_answers_named_queries_as_the_graph_does(store: LocalStore):
    store.add(EVERYTHING)
    for query_name, named in named_queries().items():
        needed = {key: "通关" for key, parameter in named.parameters.items() if parameter.default is None}
        assert run_named(store, query_name, **needed).rows == run_named(EVERYTHING, query_name, **needed).rows


# --- adding, replacing, removing ---


def test_a_document_that_comes_again_is_replaced(store: LocalStore):
    store.add(note(1, engine="rules") + note(2))
    store.add(note(1, actor="商务部", engine="model"))
    assert serialise(store.graph()) == serialise(note(1, actor="商务部", engine="model") + note(2))


def test_a_concept_goes_with_the_last_document_that_mentions_it(store: LocalStore):
    store.add(note(1) + note(2))
    store.remove("1.txt")
    assert set(store.graph()) == set(note(2))
    store.remove("2.txt")
    assert len(store.graph()) == 0


@pytest.mark.parametrize("form", [name(1), "id:6b86b273ff34", "6b86b273ff34", "1.txt"])
def test_a_document_is_found_by_iri_hash_and_file_name(store: LocalStore, form: str):
    store.add(note(1) + note(2))
    assert store.remove(form).iri == name(1)
    assert names(store) == [name(2)]


def test_a_document_that_is_not_there_or_not_the_only_one_is_not_removed(store: LocalStore):
    store.add(note(1))
    with pytest.raises(StoreError, match=r"holds no document 2\.txt"):
        store.remove("2.txt")
    other = Graph()
    for triple in note(2):
        other.add(tuple(Literal("1.txt") if term == Literal("2.txt") else term for term in triple))
    store.add(other)
    with pytest.raises(StoreError, match=r"several documents named 1\.txt: id:6b86b273ff34, id:d4735e3a265e"):
        store.remove("1.txt")


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (Graph(), "there is no document to add"),
        (Graph().add((ID.x, RDF.type, FTZ.Problem)), "there is no document to add"),
        (note(2) + Graph().add((URIRef(name(3)), RDF.type, FTZ.Problem)), "but the document itself is missing"),
    ],
)
def test_what_is_no_whole_document_is_refused_and_nothing_changes(store: LocalStore, graph: Graph, message: str):
    store.add(note(1))
    before = exported(store)
    with pytest.raises(StoreError, match=message):
        store.add(graph)
    assert exported(store) == before


def test_a_change_that_fails_halfway_changes_nothing(store: LocalStore):
    store.add(note(1))

    def halfway(graph: Graph) -> Iterator[ox.Triple]:
        yield from read_triples_of(graph)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.add(halfway(note(1, actor="商务部") + note(2)))
    assert set(store.graph()) == set(note(1))
    store.add(note(2))
    assert set(store.graph()) == set(note(1) + note(2))
    assert len(list(store.folder.glob("state-*"))) == 1


def read_triples_of(graph: Graph) -> Iterator[ox.Triple]:
    data = graph.serialize(format="nt")
    return (quad.triple for quad in ox.parse(data, format=ox.RdfFormat.N_TRIPLES))


@given(
    st.lists(
        st.tuples(st.sampled_from(["add", "remove"]), st.integers(0, 3), st.sampled_from(["海关", "商务部"])),
        max_size=6,
    )
)
@settings(max_examples=10)
def test_any_sequence_of_changes_leaves_what_a_dictionary_would(tmp_path_factory: pytest.TempPathFactory, steps):
    folder = tmp_path_factory.mktemp("steps")
    held: dict[int, Graph] = {}
    with LocalStore(folder, create=True) as store:
        for step, number, actor in steps:
            if step == "add":
                held[number] = note(number, actor)
                store.add(held[number])
            elif number in held:
                del held[number]
                store.remove(f"{number}.txt")
            assert names(store) == sorted(map(name, held))
        assert set(store.graph()) == set().union(*held.values())


# --- several at a time ---


def test_a_reader_sees_what_others_wrote_and_is_not_disturbed_by_it(store: LocalStore):
    store.add(note(1))
    with LocalStore(store.folder) as reader:
        parts = reader.parts()
        first = list(next(iter(parts)))
        store.add(note(2))
        assert len(list(store.folder.glob("state-*"))) == 2  # the old one is still read
        assert len([triple for part in parts for triple in part]) + len(first) == len(note(1))
        assert set(reader.graph()) == set(note(1) + note(2))
    store.add(note(3))
    assert len(list(store.folder.glob("state-*"))) == 1


def test_a_folder_that_another_is_writing_to_is_locked(store: LocalStore, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ftzgraph.store.local._PATIENCE", 0.1)
    inside, done = threading.Event(), threading.Event()
    writer = threading.Thread(target=lambda: LocalStore(store.folder).write(lambda _: (inside.set(), done.wait(10))))
    writer.start()
    assert inside.wait(10)
    with pytest.raises(StoreError, match="is locked: another process is writing to it"):
        store.add(note(1))
    done.set()
    writer.join()
    store.add(note(1))
    assert names(store) == [name(1)]


def test_writers_of_several_processes_wait_for_each_other(tmp_path: Path):
    program = (
        "import sys; from stored_documents import note; from ftzgraph.store import open_store\n"
        "for number in sys.argv[2:]: open_store(sys.argv[1], create=True).add(note(int(number)))"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, tmp_path / "store", *map(str, numbers)], cwd=Path(__file__).parent
        )
        for numbers in ((1, 2, 3), (4, 5, 6))
    ]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert names(open_store(tmp_path / "store")) == sorted(map(name, range(1, 7)))


# --- folders that are no good ---


def test_a_folder_that_is_no_store_is_left_alone(tmp_path: Path):
    with pytest.raises(StoreError, match=f"is no store: it has no {MARKER}"):
        open_store(tmp_path)
    (tmp_path / "paper.txt").write_text("问题突出。", encoding="utf-8")
    with pytest.raises(StoreError, match="is no store, and not empty"):
        open_store(tmp_path, create=True)
    with pytest.raises(StoreError, match="cannot make"):
        open_store(tmp_path / "paper.txt", create=True)
    assert [path.name for path in tmp_path.iterdir()] == ["paper.txt"]


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        (
            json.dumps({"format": FORMAT + 1, "state": None}),
            "made by a newer ftzgraph: its format is 2, this one knows 1",
        ),
        (json.dumps({"format": FORMAT, "state": "../../etc"}), "is damaged: .* names no state"),
        (json.dumps({"format": FORMAT, "state": "01234567"}), "is damaged: state-01234567 cannot be opened"),
        ("[]", "is damaged: .* cannot be read"),
        ("", "is damaged: .* cannot be read"),
    ],
)
def test_a_store_of_a_newer_version_or_a_damaged_one_is_told_in_one_line(store: LocalStore, marker: str, message: str):
    store.add(note(1))
    (store.folder / MARKER).write_text(marker, encoding="utf-8")
    with pytest.raises(StoreError, match=message) as caught:
        open_store(store.folder).documents()
    assert "\n" not in str(caught.value)


def test_a_damaged_database_is_told_in_one_line(store: LocalStore):
    store.add(note(1))
    store.close()
    (state,) = store.folder.glob("state-*")
    for path in (*state.glob("MANIFEST-*"), *state.glob("*.sst")):
        path.write_bytes(b"\0" * 100)
    with pytest.raises(StoreError, match="cannot open ") as caught:
        open_store(store.folder).documents()
    assert "\n" not in str(caught.value)


def test_a_full_disk_leaves_the_old_state(store: LocalStore):
    store.add(note(1))
    program = (
        "import resource, sys; from stored_documents import note; from ftzgraph.store import StoreError, open_store\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try: open_store(sys.argv[1]).add(sum((note(n) for n in range(40)), note(1)))\n"
        "except StoreError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, store.folder],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"cannot write to {store.folder}" in done.stdout
    assert len(done.stdout.splitlines()) == 1
    assert set(store.graph()) == set(note(1))
    assert len(list(store.folder.glob("state-*"))) == 1


def test_a_system_without_locks_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with pytest.raises(StoreError, match="needs locks that Windows does not have"):
        open_store(tmp_path / "store", create=True)


# --- opening and exporting ---


def test_file_folder_and_format_make_no_difference_to_who_opens_them(store: LocalStore, tmp_path: Path):
    store.add(EVERYTHING)
    expected = serialise(EVERYTHING)
    for form in ("turtle", "ntriples", "trig", "nquads", "jsonld", "rdfxml"):
        path = tmp_path / f"graph{FORMATS[form]}"
        path.write_text(serialise(EVERYTHING, form), encoding="utf-8")
        assert serialise(open_graph(path)) == expected
        with open_store(path) as file:
            assert serialise(file.graph()) == expected
            assert len(file.documents()) == 3
            assert len(file.query("SELECT ?a WHERE { ?a a ftz:Actor ; skos:prefLabel ?l }").rows) == 2
    assert serialise(open_graph(store.folder)) == expected
    assert len(set(read_triples(path))) == len(set(read_triples(store.folder))) == len(EVERYTHING)


def test_a_graph_file_is_only_asked(built: Path):
    with open_store(built / "graph.ttl") as file:
        for change in (lambda: file.add(note(1)), lambda: file.remove("paper.txt")):
            with pytest.raises(StoreError, match=r"graph\.ttl is a graph file: only a store folder or an endpoint"):
                change()
        with pytest.raises(QueryError, match="GRAPH is not allowed"):
            file.query("SELECT * WHERE { GRAPH ?g { ?s ?p ?o } }")


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("none.ttl", None, "cannot read .*none.ttl: No such file"),
        ("broken.ttl", "<a> <b>", "broken.ttl"),
        ("graph.xlsx", "", "graph.xlsx: not a graph file"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_as_loading_does(
    tmp_path: Path, file: str, content: str | None, message: str
):
    if content is not None:
        (tmp_path / file).write_text(content, encoding="utf-8")
    for attempt in (load, open_graph, open_store):
        with pytest.raises(GraphError, match=message) as caught:
            attempt(tmp_path / file)
        assert "\n" not in str(caught.value)


def test_a_byte_order_mark_does_not_matter(tmp_path: Path):
    path = tmp_path / "graph.ttl"
    path.write_text(serialise(note(1)), encoding="utf-8-sig")
    with open_store(path) as file:
        assert set(file.graph()) == set(note(1))


def test_turtle_of_a_store_is_that_of_its_graph_byte_by_byte(store: LocalStore):
    store.add(EVERYTHING)
    assert exported(store) == serialise(EVERYTHING)


def test_turtle_of_a_store_holds_what_stands_in_no_document_too(store: LocalStore):
    extra = Graph().add((URIRef("https://example.org/a"), RDF.type, BNode()))
    store.add(note(1) + extra)
    store.write(lambda engine: engine.update("INSERT DATA { <https://example.org/b> <https://example.org/p> 1 }"))
    found = Graph().parse(data=exported(store), format="turtle")
    assert len(found) == len(note(1)) + 2 == len(store.graph())
