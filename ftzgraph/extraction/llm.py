"""The reader that asks a language model, section by section, and believes nothing that does not stand in the text.

``ftz_llm_reader`` writes ``doc.spans["factors"]`` and ``doc._.links`` like every reader. A factor enters only when its quote stands
verbatim in the section that the model was shown; a link only between two such factors, of types that the ontology lets it join. What is
refused is counted in ``doc._.notes``. The document goes in as data; whatever it says to the model can at worst waste the answer.
"""

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from ftzgraph.causalmap import Factor, FactorType, Link, Modality, Relation, Span
from ftzgraph.document import Sentence, Structure
from ftzgraph.errors import ReaderError
from ftzgraph.extraction.factors import set_factors
from ftzgraph.extraction.links import around, fits, joint_modality
from ftzgraph.extraction.llm_client import ChatClient
from ftzgraph.extraction.structure import titles_above
from ftzgraph.resources import resource

SECTION, LEAST, BEFORE = 1800, 500, 200
"""Characters: the longest stretch shown at a time, the shortest that is not joined to the next, the context before it."""

CONFIDENCE = {"factor": 0.7, "link": 0.6, "far": 0.5}
"""What the graph says of every factor, link within a section, and link across sections: what a model says of itself is not calibrated."""

_MOST_QUOTE = 300
_FAR = 120  # barriers, and strategies, asked about at a time
_UNUSABLE = "sections without a usable answer"
_EDGES = " \u3000\n\t，。；：！？、,.;:!?"


@cache
def _task(name: str) -> str:
    """What the model is asked to do: a file in ``data/prompts``. To change it is to ask anew, for it is part of a cached answer's name."""
    return resource(f"data/prompts/{name}.md").read_text(encoding="utf-8")


def _strings(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)} if values else {"type": "string"}


def _record(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _links(*relations: str) -> dict[str, Any]:
    return _list(_record(source=_strings(), target=_strings(), relation=_strings(*relations), cue=_strings()))


# What an answer must hold, by the task.
_SCHEMAS = {
    "section": _record(
        factors=_list(
            _record(id=_strings(), quote=_strings(), type=_strings(*FactorType), modality=_strings(*Modality))
        ),
        links=_links(*Relation),
    ),
    "far": _record(links=_links(Relation.ADDRESSES)),
}


@dataclass(frozen=True)
class Stretch:
    """What the model is shown at a time: text offsets, and the titles of the sections above its first sentence."""

    start: int
    end: int
    titles: tuple[str, ...]


def stretches(text: str, structure: Structure) -> list[Stretch]:
    """Cut a document into sections, short ones joined, long ones cut at the end of a sentence.

    Args:
        text: a document's.
        structure: its layers.

    Returns:
        Stretches in reading order that cover all sentences.
    """
    found: list[Stretch] = []
    section: int | None = None
    for sentence in structure.sentences:
        last = found[-1] if found else None
        size = last.end - last.start if last else SECTION
        new = sentence.section != section and size >= LEAST
        if last is None or new or sentence.end - last.start > SECTION:
            found.append(Stretch(sentence.start, sentence.end, titles_above(text, structure, sentence.section)))
        else:
            found[-1] = replace(last, end=sentence.end)
        section = sentence.section
    return found


@Language.factory(
    "ftz_llm_reader",
    requires=["doc._.structure"],
    assigns=["doc.spans", "doc._.links", "doc._.notes"],
    default_config={"base_url": "", "model": "", "cache": "", "timeout": 120.0, "parallel": 4},
)
def create_llm_reader(
    nlp: Language, name: str, base_url: str, model: str, cache: str, timeout: float, parallel: int
) -> "LlmReader":
    """Create the component that asks a language model.

    Raises:
        ReaderError: no model is named.
    """
    if not model.isprintable():  # it goes into the graph
        raise ReaderError("the name of the model holds characters that cannot be printed")
    if not model:
        raise ReaderError("the llm engine needs --model, the name that the endpoint knows it by, and --base-url")
    return LlmReader(ChatClient(base_url, model, Path(cache) if cache else None, timeout), parallel)


class LlmReader:
    """spaCy component: factors and links as a language model reads them, each checked against the text."""

    def __init__(self, client: ChatClient, parallel: int = 4) -> None:
        self.client, self.parallel = client, parallel
        self.method = f"llm/{client.model}"

    def __call__(self, doc: Doc) -> Doc:
        """Read one document.

        Raises:
            ReaderError: the endpoint could not be asked. What was answered before stays in the cache.
        """
        before = Counter(self.client.counts)
        text, structure, notes = doc.text, doc._.structure, Counter[str]()
        shown = stretches(text, structure)
        checks = [Answer(text, structure.sentences, stretch, self.method, notes) for stretch in shown]
        pool = ThreadPoolExecutor(self.parallel)
        try:
            answers = pool.map(partial(self._ask, "section"), [_shown(text, stretch) for stretch in shown])
            for check, answer in zip(checks, answers, strict=True):
                check.take(answer)
            factors = {f.span: (f, part) for part, check in enumerate(checks) for f in check.factors}
            order = sorted(factors)
            index = {span: i for i, span in enumerate(order)}
            ordered = [factors[span][0] for span in order]
            links = {
                (x.relation, index[a], index[b]): replace(x, source=index[a], target=index[b])
                for check in checks
                for x, a, b in check.links
            }
            for link in self._far(pool, text, ordered, [factors[span][1] for span in order], notes):
                links.setdefault((link.relation, link.source, link.target), link)
        finally:
            pool.shutdown(cancel_futures=True)  # of a document that fails no more is asked
        set_factors(doc, ordered)
        relations = list(Relation)
        doc._.links = tuple(links[key] for key in sorted(links, key=lambda k: (relations.index(k[0]), *k[1:])))
        doc._.notes = notes + (self.client.counts - before)
        return doc

    def _far(
        self, pool: ThreadPoolExecutor, text: str, factors: Sequence[Factor], parts: Sequence[int], notes: Counter[str]
    ) -> Iterator[Link]:
        """Ask which remedies answer which barriers of other sections; ``parts`` says in which stretch each factor stands."""
        barriers = [i for i, f in enumerate(factors) if f.type.is_barrier]
        strategies = [i for i, f in enumerate(factors) if f.type.is_strategy]

        def listed(some: Sequence[int]) -> list[dict[str, str]]:
            return [{"id": f"f{i}", "quote": text[factors[i].span.start : factors[i].span.end]} for i in some]

        questions = [
            {"barriers": listed(some), "strategies": listed(others)}
            for some, others in product(_batches(barriers), _batches(strategies))
            if len({parts[i] for i in (*some, *others)}) > 1
        ]
        name = {f"f{i}": i for i in range(len(factors))}
        for answer in pool.map(partial(self._ask, "far"), questions):
            notes[_UNUSABLE] += "fault" in answer
            for said in answer["links"]:
                ends = _ends(said, name, notes)
                if ends is None:
                    continue
                source, target = ends
                if said.get("relation") != Relation.ADDRESSES:
                    notes["unknown relations"] += 1
                elif not fits(Relation.ADDRESSES, factors[source].type, factors[target].type):
                    notes["types that the relation does not join"] += 1
                elif parts[source] != parts[target]:  # within a stretch its own answer has said so, or not
                    both = factors[source], factors[target]
                    yield Link(
                        Relation.ADDRESSES,
                        source,
                        target,
                        tuple(sorted(f.span for f in both)),
                        "",
                        self.method,
                        CONFIDENCE["far"],
                        joint_modality(*both),
                        inferred=True,
                    )

    def _ask(self, task: str, asked: object) -> dict[str, Any]:
        schema = _SCHEMAS[task]
        empty: dict[str, Any] = {name: [] for name in schema["properties"]}
        answer: dict[str, Any] = self.client.ask(
            _task(task),
            json.dumps(asked, ensure_ascii=False),
            schema,
            lambda x: isinstance(x, dict) and all(isinstance(x.get(name), list) for name in empty),
            empty,
        )
        return answer


def _batches(factors: Sequence[int]) -> list[Sequence[int]]:
    return [factors[at : at + _FAR] for at in range(0, len(factors), _FAR)]


def _shown(text: str, stretch: Stretch) -> dict[str, object]:
    before = text[max(0, stretch.start - BEFORE) : stretch.start]
    return {"titles": stretch.titles, "before": before, "text": text[stretch.start : stretch.end]}


class Answer:
    """What a model said of one stretch, as far as it can be believed.

    Attributes:
        factors: those whose quotes stand in the stretch.
        links: between these, with the spans of source and target; the indices of the links themselves mean nothing.
    """

    def __init__(
        self, text: str, sentences: Sequence[Sentence], stretch: Stretch, method: str, notes: Counter[str]
    ) -> None:
        self._text, self._sentences, self._method, self._notes = text, sentences, method, notes
        self._starts = [s.start for s in sentences]
        self._squeezed, self._places = _squeezed(text, stretch.start, stretch.end)
        self.factors: list[Factor] = []
        self.links: list[tuple[Link, Span, Span]] = []

    def take(self, answer: dict[str, Any]) -> None:
        """Check an answer and keep what stands in the text."""
        self._notes[_UNUSABLE] += "fault" in answer
        named: dict[str, int] = {}
        for said in answer["factors"]:
            factor = self._factor(said)
            if factor is None:
                continue
            name = said.get("id")
            if isinstance(name, str) and name in named:
                self._notes["ids used twice"] += 1
            elif isinstance(name, str):
                named[name] = len(self.factors)
            self.factors.append(factor)
        for said in answer["links"]:
            ends = _ends(said, named, self._notes)
            if ends is not None and (link := self._link(said, *ends)):
                self.links.append((link, self.factors[ends[0]].span, self.factors[ends[1]].span))

    def _factor(self, said: Any) -> Factor | None:
        if not isinstance(said, dict) or not isinstance(said.get("quote"), str):
            self._notes["malformed factors"] += 1
            return None
        if said.get("type") not in tuple(FactorType):
            self._notes["unknown types"] += 1
            return None
        quote = "".join(said["quote"].split()).strip(_EDGES)
        if len(quote) > _MOST_QUOTE:
            self._notes["quotes that are too long"] += 1
            return None
        taken = {f.span for f in self.factors}
        at, span = -1, None
        # The same words said twice are two factors, in the order of the text.
        while len(quote) > 1 and (at := self._squeezed.find(quote, at + 1)) >= 0:
            span = Span(self._places[at], self._places[at + len(quote) - 1] + 1)
            if span not in taken:
                break
        if span is None:
            self._notes["quotes that do not stand in the text"] += 1
            return None
        if span in taken:
            self._notes["quotes given twice"] += 1
            return None
        said_modality = said.get("modality")
        modality = Modality(said_modality) if said_modality in tuple(Modality) else Modality.ASSERTED
        return Factor(span, FactorType(said["type"]), "", self._method, CONFIDENCE["factor"], modality)

    def _link(self, said: dict[str, Any], source: int, target: int) -> Link | None:
        relation = said.get("relation")
        if relation not in tuple(Relation):
            self._notes["unknown relations"] += 1
            return None
        relation = Relation(relation)
        ends = self.factors[source], self.factors[target]
        if not fits(relation, ends[0].type, ends[1].type):
            self._notes["types that the relation does not join"] += 1
            return None
        place = around(ends[0].span, ends[1].span)
        first, last = (self._sentence(at) for at in (place.start, place.end - 1))
        cue = "".join(said["cue"].split()) if isinstance(said.get("cue"), str) else ""
        # A connective stands beside or between the ends; of one character it could be part of any word.
        if cue and (len(cue) < 2 or cue not in _squeezed(self._text, first.start, last.end)[0]):
            self._notes["cues that do not stand with their link"] += 1
            cue = ""
        evidence = (place,) if first == last else tuple(sorted((ends[0].span, ends[1].span)))
        return Link(
            relation, 0, 0, evidence, cue, self._method, CONFIDENCE["link"], joint_modality(*ends), inferred=not cue
        )

    def _sentence(self, at: int) -> Sentence:
        return self._sentences[max(0, bisect_right(self._starts, at) - 1)]


def _squeezed(text: str, start: int, end: int) -> tuple[str, list[int]]:
    """A stretch without white space, for a model joins what stands apart, and the place of each character.

    The ends of paragraphs are kept: no quote reaches across them, for none holds a line break.
    """
    places = [i for i in range(start, end) if text[i] == "\n" or not text[i].isspace()]
    return "".join(text[i] for i in places), places


def _ends(said: Any, named: dict[str, int], notes: Counter[str]) -> tuple[int, int] | None:
    """The factors that a link joins, by their ids."""
    ends = [said.get(end) for end in ("source", "target")] if isinstance(said, dict) else [None, None]
    source, target = (named.get(end) if isinstance(end, str) else None for end in ends)
    if source is None or target is None or source == target:
        notes["links to what is no factor"] += 1
        return None
    return source, target
