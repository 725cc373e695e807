import re
from pathlib import Path

import pytest
from test_report import sections

from ftzgraph.analysis.measures import analyse
from ftzgraph.analysis.report import report
from ftzgraph.building import build


@pytest.fixture(scope="module")
def briefs(sample: Path) -> dict[str, str]:
    """The brief of the sample in both languages."""
    analysis = analyse(build(sample).graph)
    return {lang: report(analysis, lang) for lang in ("zh", "en")}


def length(text: str) -> int:
    return len("".join(text.split()))


def test_the_findings_of_the_sample_take_half_a_page_and_the_tables_a_few(briefs: dict[str, str]) -> None:
    assert length(sections(briefs["zh"])["要点"]) < 900
    for lang, appendix in (("zh", "附录一"), ("en", "Appendix 1")):
        before, _, _ = briefs[lang].partition(f"\n## {appendix}")
        assert length(before) < {"zh": 6000, "en": 7500}[lang]


def test_the_findings_of_the_sample_quote_the_text_for_every_claim(briefs: dict[str, str], sample: Path) -> None:
    source = sample.read_text(encoding="utf-8")
    quoted = re.findall(r"「([^」]+)」(?:（[^）]+）)?〔.+? ?· (\d+)–(\d+)〕", sections(briefs["zh"])["要点"])
    assert len(quoted) >= 10
    for quote, start, end in quoted:
        assert "".join(source[int(start) : int(end)].split()) == "".join(quote.split())


def test_what_the_tables_of_the_sample_cut_short_stands_in_full_in_the_appendix(briefs: dict[str, str]) -> None:
    tables, _, appendix = briefs["zh"].partition("\n## 附录一")
    cut = re.findall(r"「([^」]+)…」(?:（[^）]+）)?(〔.+?–\d+〕)", tables)
    assert cut
    for beginning, place in cut:
        assert re.search(rf"「{re.escape(beginning)}[^」…]*」(?:（[^）]+）)?{re.escape(place)}", appendix)


def test_the_tables_of_the_sample_are_short(briefs: dict[str, str]) -> None:
    tables = re.split(r"^#+ .+$", sections(briefs["zh"])["分析表"], flags=re.MULTILINE)[1:]
    assert len(tables) == 6
    for table in tables:
        assert 1 <= table.count("\n| ") - 2 <= 12
