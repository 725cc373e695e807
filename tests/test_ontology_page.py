"""The ontology as it is published: the page, versions and changes, examples, competency questions, alignments."""

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, Graph, Literal, URIRef

from ftzgraph.cli import main
from ftzgraph.comparison.difference import diff
from ftzgraph.comparison.merging import union
from ftzgraph.knowledge.documents import by_document
from ftzgraph.knowledge.ontology_page import page
from ftzgraph.knowledge.queries import named_queries, run_named
from ftzgraph.knowledge.serialisation import load
from ftzgraph.knowledge.validation import validate
from ftzgraph.knowledge.vocabulary import FTZ, FTZ_IRI, OA, PREFIXES, compact, new_graph, ontology
from ftzgraph.resources import resource

TERMS = sorted({s.removeprefix(FTZ_IRI) for s in map(str, ontology().subjects()) if s.startswith(FTZ_IRI)})
FOLDER = resource("ontology")
EXAMPLES = sorted((FOLDER / "examples").glob("*.ttl"))
(HEAD,) = ontology().subjects(RDF.type, OWL.Ontology)


class Page(HTMLParser):
    """The text of a page, that of each element with an identifier, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: dict[str, str] = {}
        self.links: list[str] = []
        self.tags: list[str] = []
        self.inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append(tag)
        if "id" in attributes:
            self.inside = str(attributes["id"])
            assert self.inside not in self.parts, f"two elements are {self.inside}"
            self.parts[self.inside] = ""
        if tag == "a":
            self.links.append(str(attributes["href"]))

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.parts[self.inside] += f" {data}"


@pytest.fixture(scope="module", params=["zh", "en"])
def shown(request: pytest.FixtureRequest) -> Page:
    return Page(page(request.param))


@pytest.mark.parametrize("name", TERMS)
def test_every_term_has_its_anchor_with_labels_and_definitions_in_both_languages(shown: Page, name: str):
    for predicate in (RDFS.label, SKOS.definition, SKOS.scopeNote):
        for text in ontology().objects(FTZ[name], predicate):
            assert str(text) in shown.parts[name]
    assert f"ftz:{name} " in shown.parts[name]


def test_terms_tell_their_place_among_the_others(shown: Page):
    words = {name: " ".join(text.split()).replace(" ,", ",") for name, text in shown.parts.items()}
    assert re.search(r"subclass of.* ftz:Factor .*subclasses.* ftz:Cause, ftz:Effect, ftz:Problem", words["Barrier"])
    assert re.search(r"domain.* ftz:Strategy .*range.* ftz:Barrier", words["addresses"])
    assert re.search(r"disjoint with.* ftz:Achievement, ftz:Barrier", words["Strategy"])
    assert re.search(r"members.* ftz:Added, ftz:Changed, ftz:Removed, ftz:Unchanged", words["Change"])
    assert re.search(r"is a.* ftz:Modality", words["Asserted"])
    assert "asymmetric: never" in words["aimsAt"]
    assert "asymmetric: never" not in words["causes"]
    assert re.search(r"examples.* editions", words["change"])


def test_links_within_the_page_lead_somewhere_and_nothing_is_loaded(shown: Page):
    inner = [link[1:] for link in shown.links if link.startswith("#")]
    assert set(TERMS) < set(inner)
    assert set(inner) <= shown.parts.keys()
    assert {"script", "img", "link", "iframe"}.isdisjoint(shown.tags)


def test_the_page_shows_examples_questions_prefixes_and_versions(shown: Page):
    everything = " ".join(shown.parts.values())
    for path in EXAMPLES:
        turtle = re.sub(r"^# title.*\n", "", path.read_text("utf-8"), flags=re.MULTILINE).strip()
        assert turtle in shown.parts[f"_example-{path.stem}"]
    assert all(name in shown.parts["_questions"] for name in named_queries())
    assert all(iri in everything for iri in PREFIXES.values())
    assert str(ontology().value(HEAD, OWL.versionIRI)) in shown.links
    assert str(ontology().value(HEAD, DCTERMS.license)) in shown.links
    assert str(ontology().value(HEAD, OWL.versionInfo)) in shown.parts["_changes"]


def test_the_command_writes_the_page(tmp_path: Path):
    assert CliRunner().invoke(main, ["ontology", "--lang", "en"]).stdout == page("en")
    CliRunner().invoke(main, ["ontology", "-o", str(tmp_path / "o.html")])
    assert (tmp_path / "o.html").read_text(encoding="utf-8") == page("zh")


VERSIONS = re.split(
    r"^## \[(.+)\] - \d{4}-\d{2}-\d{2}$", (FOLDER / "CHANGELOG.md").read_text("utf-8"), flags=re.MULTILINE
)


def test_the_changelog_tells_of_the_version_and_of_every_term_once():
    _, current, _, prior, *_ = VERSIONS
    assert str(ontology().value(HEAD, OWL.versionInfo)) == current
    assert str(ontology().value(HEAD, OWL.versionIRI)) == f"{HEAD}/{current}"
    assert str(ontology().value(HEAD, OWL.priorVersion)) == f"{HEAD}/{prior}"
    added: list[str] = []
    for section in VERSIONS[2::2]:
        added += re.findall(r"`(\w+)`", section)
    assert sorted(added) == TERMS


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_conform_and_their_offsets_are_those_of_the_text(path: Path):
    graph = load(path)
    report = validate(graph)
    assert report.conforms, report.render("en")
    text = path.read_text("utf-8")
    assert re.match(r"# title\.zh: .+\n# title\.en: .+\n", text)
    for name, source in re.findall(r"^# source (\w+): (.+)$", text, re.MULTILINE):
        digest = hashlib.sha256(source.encode()).hexdigest()
        (document,) = graph.subjects(FTZ.sha256, Literal(digest))
        assert str(document).endswith(f"/{digest[:12]}")
        assert name == digest[:12]
        for place in graph.subjects(OA.hasSource, document):
            selector = graph.value(place, OA.hasSelector)
            start, end = (int(str(graph.value(selector, edge))) for edge in (OA.start, OA.end))
            assert source[start:end] == str(graph.value(selector, OA.exact))
            assert source[:start].endswith(str(graph.value(selector, OA.prefix)))
            assert source[end:].startswith(str(graph.value(selector, OA.suffix)))


def test_the_example_of_two_editions_is_what_a_comparison_finds():
    example = load(FOLDER / "examples" / "editions.ttl")
    editions: dict[str, Graph] = {}
    for document, triples in by_document(example).items():
        graph = new_graph()
        for triple in triples:
            if triple[1] not in (FTZ.change, DCTERMS.replaces):
                graph.add(triple)
        editions[str(graph.value(document, FTZ.fileName))] = graph
    before, after = editions["2023.txt"], editions["2024.txt"]
    assert set(union(before, after, diff(before, after))) == set(example)


QUESTIONS = re.findall(
    r"^\| (.+?) \| (.+?) \| `([\w-]+)`(?: `(\w+)=(.+?)`)? \| (\d+) \|$",
    (FOLDER / "competency-questions.md").read_text("utf-8"),
    re.MULTILINE,
)


def test_each_named_query_is_tied_to_a_question_in_both_languages():
    assert sorted(question[2] for question in QUESTIONS) == sorted(named_queries())
    assert all(chinese.endswith("？") and english.endswith("?") for chinese, english, *_ in QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question[2])
def test_each_question_has_on_the_example_as_many_answers_as_it_tells(question: tuple[str, ...]):
    _, _, name, parameter, value, rows = question
    bindings = {parameter: value} if parameter else {}
    assert len(run_named(load(FOLDER / "examples" / "port.ttl"), name, **bindings).rows) == int(rows)


def test_most_questions_have_an_answer():
    assert sum(int(question[5]) > 0 for question in QUESTIONS) > len(QUESTIONS) * 3 / 4


def test_the_alignment_is_between_terms_and_those_of_four_vocabularies(shown: Page):
    alignment = Graph().parse(FOLDER / "alignment.ttl", format="turtle")
    assert {str(term).removeprefix(FTZ_IRI) for term in alignment.subjects()} <= set(TERMS)
    relations = {SKOS.closeMatch, SKOS.broadMatch, SKOS.relatedMatch}
    assert set(alignment.predicates()) == relations
    others = {str(other) for other in alignment.objects()}
    assert others <= set(shown.links)
    assert {compact(URIRef(other)).partition(":")[0] for other in others} == {"dcterms", "oa", "prov", "skos"}
    assert "http://www.w3.org/ns/prov#Entity" in shown.links  # from the ontology's own axioms
