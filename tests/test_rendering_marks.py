from drawn_graphs import HOSTILE
from hypothesis import given
from hypothesis import strategies as st

from ftzgraph.analysis.graph import EvidenceRecord, SentenceRecord
from ftzgraph.rendering.marks import Mark, find_cue, find_quote


def sentences(*texts: str) -> dict[str, SentenceRecord]:
    return {f"s{i}": SentenceRecord(f"s{i}", "d", None, text, 0, 1, i, 0) for i, text in enumerate(texts)}


def evidence(quote: str, prefix: str = "", suffix: str = "", count: int = 1) -> EvidenceRecord:
    return EvidenceRecord("e", "d", 0, 1, quote, prefix, suffix, tuple(f"s{i}" for i in range(count)))


def test_prefix_and_suffix_tell_equal_quotes_apart() -> None:
    text = sentences("人才不足，资金也不足，数据仍不足。")
    assert find_quote(evidence("不足", "人才", "，资金"), text) == (Mark("s0", 2, 4),)
    assert find_quote(evidence("不足", "资金也", "，数据"), text) == (Mark("s0", 8, 10),)
    assert find_quote(evidence("不足", "数据仍", "。"), text) == (Mark("s0", 14, 16),)


def test_a_quote_may_run_over_sentences() -> None:
    text = sentences("标准不统一；", "共享难以推进。")
    assert find_quote(evidence("不统一；共享难以", count=2), text) == (Mark("s0", 2, 6), Mark("s1", 0, 4))


def test_white_space_does_not_count() -> None:
    assert find_quote(evidence("标准不统一"), sentences("由于标 准\n不统一。")) == (Mark("s0", 2, 9),)


def test_what_is_not_there_has_no_mark() -> None:
    assert find_quote(evidence("没有这句"), sentences("标准不统一。")) == ()
    assert find_quote(evidence(""), sentences("标准不统一。")) == ()
    assert find_quote(evidence("标准", count=3), {}) == ()


def test_the_cue_nearest_to_the_quote_counts() -> None:
    text = sentences("因此要改革，因此成本上升，因此要开放。")
    assert find_cue("因此", [Mark("s0", 8, 12)], text) == (Mark("s0", 6, 8),)
    assert find_cue("缺乏", [Mark("s0", 8, 12)], text) == ()


def test_a_split_cue_has_a_mark_for_each_part() -> None:
    text = sentences("因为标准不统一，所以共享困难。")
    assert find_cue("因为…所以", [Mark("s0", 2, 14)], text) == (Mark("s0", 0, 2), Mark("s0", 8, 10))


@given(st.lists(st.sampled_from(["甲乙", "乙甲", "甲", "𠮷", " ", *HOSTILE]), min_size=1, max_size=8), st.data())
def test_a_quote_is_found_where_it_stands(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    quote = text[start:end]
    marks = find_quote(evidence(quote, text[:start], text[end:]), sentences(text))
    if quote.isspace():
        assert marks == ()
    else:
        blank = len(quote) - len(quote.lstrip())
        assert marks == (Mark("s0", start + blank, start + blank + len(quote.strip())),)
