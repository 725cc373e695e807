"""A small causal map, made by hand, whose graph a person can check."""

import hashlib

from ftzgraph.causalmap import (
    CausalMap,
    Factor,
    FactorType,
    Link,
    Mention,
    MentionKind,
    Modality,
    Relation,
    Span,
)
from ftzgraph.document import Document, Section, Sentence, Structure

# The body is wrapped in the source, with a page number in the middle of a sentence.
SOURCE = (
    "港口通关的问题与对策\n"
    "李明\n"
    "一、主要问题\n"
    "由于数据标准不统一，部门之间信息\n"
    "— 4 —\n"
    "不共享，导致通关缓慢。如果继续拖延，企业将会外迁。\n"
    "二、对策建议\n"
    "海关应建立统一的数据平台，以提高通关效率。\n"
    "吞吐量已经大幅增长。\n"
)
HASH = hashlib.sha256(SOURCE.encode()).hexdigest()
ID = HASH[:12]


def _document() -> Document:
    joined = SOURCE.replace("信息\n— 4 —\n不共享", "信息不共享").removesuffix("\n")
    gap = SOURCE.index("\n— 4 —\n")
    offsets = tuple(i if i < gap else i + len("\n— 4 —\n") for i in range(len(joined)))

    def at(quote: str) -> tuple[int, int]:
        start = joined.index(quote)
        return start, start + len(quote)

    lines = joined.split("\n")
    paragraphs = tuple(at(line) for line in lines)
    first, second = at("主要问题"), at("对策建议")
    one, two = at("一、主要问题")[0], at("二、对策建议")[0]
    sentences = [
        Sentence(*at("一、主要问题"), 2, 0),
        Sentence(*at("由于数据标准不统一，部门之间信息不共享，导致通关缓慢。"), 3, 0),
        Sentence(*at("如果继续拖延，企业将会外迁。"), 3, 0),
        Sentence(*at("二、对策建议"), 4, 1),
        Sentence(*at("海关应建立统一的数据平台，以提高通关效率。"), 5, 1),
        Sentence(*at("吞吐量已经大幅增长。"), 6, 1),
    ]
    sections = (
        Section(one, two - 1, *first, "一", 1, None, "heading"),
        Section(two, len(joined), *second, "二", 1, None, "heading"),
    )
    structure = Structure(at("港口通关的问题与对策"), (at("李明"),), sections, paragraphs, tuple(sentences))
    return Document("port.txt", HASH, SOURCE, joined, offsets, structure)


DOCUMENT = _document()


def span(quote: str) -> Span:
    """The text offsets of a quote of the document."""
    start = DOCUMENT.text.index(quote)
    return Span(start, start + len(quote))


def source_id(kind: str, *quotes: str) -> str:
    """The local name of a factor, link, evidence or selector: its kind and the source offsets of its quotes."""
    numbers = [n for q in quotes for s in [span(q)] for n in DOCUMENT.source_span(s.start, s.end)]
    return "-".join([ID, kind, *map(str, numbers)])


CAUSE, PROBLEM, EFFECT = "数据标准不统一", "部门之间信息不共享", "通关缓慢"
THREAT, REMEDY, GOAL, ACHIEVEMENT = "企业将会外迁", "建立统一的数据平台", "提高通关效率", "吞吐量已经大幅增长"

MAP = CausalMap(
    DOCUMENT,
    factors=(
        Factor(span(CAUSE), FactorType.CAUSE, "由于", "rules/cause", 0.8),
        Factor(span(PROBLEM), FactorType.PROBLEM, "不共享", "rules/lack", 0.9),
        Factor(span(EFFECT), FactorType.EFFECT, "导致", "rules/effect", 0.855),
        Factor(span(THREAT), FactorType.EFFECT, "将会", "rules/effect", 0.5, Modality.PREDICTED),
        Factor(span(REMEDY), FactorType.REMEDY, "应", "rules/demand", 1.0, Modality.DEMANDED),
        Factor(span(GOAL), FactorType.GOAL, "以", "rules/goal", 0.7),
        Factor(span(ACHIEVEMENT), FactorType.ACHIEVEMENT, "", "rules/achievement", 0.4),
    ),
    links=(
        Link(Relation.CAUSES, 0, 1, (span("由于数据标准不统一，部门之间信息不共享"),), "由于", "rules/cause", 0.8),
        Link(Relation.CAUSES, 1, 2, (span("部门之间信息不共享，导致通关缓慢"),), "导致", "rules/effect", 0.9),
        Link(
            Relation.ADDRESSES, 4, 1, (span(PROBLEM), span(REMEDY)), method="rules/topic", confidence=0.4, inferred=True
        ),
        Link(Relation.AIMS_AT, 4, 5, (span("建立统一的数据平台，以提高通关效率"),), "以", "rules/aim", 0.8),
    ),
    mentions=(
        Mention(span("海关"), MentionKind.ACTOR, "海关", "customs"),
        Mention(span("部门"), MentionKind.ACTOR, "部门"),
        Mention(span("数据平台"), MentionKind.INSTRUMENT, "《数据 平台》", "data platform"),
    ),
)
