"""Every entry of the lexicons does what its example says."""

import re

import pytest

from ftzgraph.extraction import pipeline
from ftzgraph.extraction.lexicon import lexicon, table

CUES = table("cues")["cue"]
AT = {"start": "^(?:{})", "end": "(?:{})$", "any": "{}"}


@pytest.mark.parametrize("cue", CUES, ids=lambda c: c["name"])
def test_cue_matches_its_example(cue):
    assert re.search(AT[cue["at"]].format(cue["pattern"]), cue["example"])


@pytest.mark.parametrize("frame", table("frames")["frame"], ids=lambda f: f["name"])
def test_frame_takes_its_slot_out_of_its_example(frame):
    doc = pipeline("rules")(frame["example"]["text"])
    assert frame["example"]["factor"] in [span.text for span in doc.spans["clauses"]]


@pytest.mark.parametrize("entry", table("leads")["lead"], ids=lambda e: e["says"])
def test_lead_is_stripped_off_its_example(entry):
    text, left = entry["example"]["text"], entry["example"]["left"]
    assert text.endswith(left)
    lead = text[: -len(left)].strip("，")
    assert lead in entry.get("words", ()) or re.fullmatch(entry["pattern"], lead)


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        (kind, entry)
        for name in ("roles", "links", "clauses", "actors")
        for kind, entries in table(name).items()
        for entry in entries
        if kind != "entry"
    ],
    ids=lambda x: x if isinstance(x, str) else x["example"],
)
def test_rule_matches_its_example(kind, entry):
    assert re.search(entry["pattern"], entry["example"])


@pytest.mark.parametrize(
    "entry",
    [e for name in ("actors", "places", "sectors", "instruments") for e in table(name)["entry"]],
    ids=lambda e: e["example"],
)
def test_name_stands_in_its_example(entry):
    assert any(name in entry["example"] for name in entry.get("names", ())) or re.search(
        entry["pattern"], entry["example"]
    )


def test_a_common_word_stands_in_its_example():
    assert all(any(word in e["example"] for word in e["words"]) for e in table("places")["common"])


def test_no_word_is_two_kinds_of_lead():
    words = [word for entry in table("leads")["lead"] for word in entry.get("words", ())]
    assert sorted({w for w in words if words.count(w) > 1}) == []


def test_no_spelling_names_two_concepts():
    spellings = [spelling for name in lexicon().names for spelling in name.names]
    assert sorted({s for s in spellings if spellings.count(s) > 1}) == []
