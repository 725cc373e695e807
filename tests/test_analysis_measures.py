import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from argument_graphs import Argument, iri

from ftzgraph.analysis.measures import analyse
from ftzgraph.analysis.report import report
from ftzgraph.errors import GraphError
from ftzgraph.knowledge.serialisation import serialise


def argument() -> Argument:
    result = Argument("示例", "a.txt")
    result.section("s", "主要问题", "一、")
    result.mention("actor", "Actor", "市政府", "city government")
    for name in ("a", "b", "c", "d", "e"):
        result.factor(name, section="s", mentions=("actor",))
    result.causes("a", "b", "c", "b")
    result.causes("d", "e", confidence="0.40")
    result.factor("r", "Remedy")
    result.factor("g", "Goal")
    result.link("r", "addresses", "a", inferred=True)
    result.link("r", "aimsAt", "g")
    return result


def test_an_analysis_bundles_all_measures() -> None:
    found = analyse(argument().graph)
    assert [root.factor for root in found.roots] == [iri("a"), iri("d")]
    assert [loop.factors for loop in found.loops.loops] == [(iri("b"), iri("c"))]
    assert [answer.barrier for answer in found.unanswered] == [iri("b"), iri("c"), iri("d"), iri("e")]
    assert [chosen.remedy for chosen in found.remedy_set.chosen] == [iri("r")]
    assert found.loose_remedies == ()
    assert [gateway.factor for gateway in found.gateways] == [iri("b")]
    assert found.bridges == ()
    assert [each.factor for each in found.centralities.barriers] == [iri(name) for name in "abcde"]
    assert [each.remedy for each in found.remedy_leverage] == [iri("r")]
    assert [each.actors for each in found.responsibilities.tiers] == [(iri("actor"),)]
    assert [level.roots for level in found.robustness.levels] == [2, 2, 1, 1, 0]


def test_min_confidence_comes_before_everything_else() -> None:
    found = analyse(argument().graph, min_confidence=0.5)
    assert [root.factor for root in found.roots] == [iri("a")]
    assert found.min_confidence == 0.5


def test_json_holds_results_by_iri_and_the_place_of_each_factor() -> None:
    content = json.loads(analyse(argument().graph).to_json())
    assert content["counts"]["factors"] == {
        "Problem": 5,
        "Cause": 0,
        "Effect": 0,
        "Remedy": 1,
        "Goal": 1,
        "Achievement": 0,
    }
    assert content["counts"]["links"] == {"causes": 4, "addresses": 1, "aimsAt": 1, "partOf": 0}
    assert content["factors"][iri("a")] == {
        "type": "Problem",
        "quote": "陈述a",
        "document": iri("a-txt"),
        "section": ["一、主要问题"],
        "places": [[0, 3]],
    }
    assert content["leverage"] == [
        {"factor": iri("b"), "loses": [iri("c")], "weight": 0.8},
        {"factor": iri("d"), "loses": [iri("e")], "weight": 0.4},
    ]
    assert content["loops"]["loops"] == [
        {"factors": [iri("b"), iri("c")], "confidence": 0.8, "broken_by": [], "reinforcing": True}
    ]
    assert content["answers"][1]["indirect"] == [{"strategy": iri("r"), "cause": iri("a"), "confidence": 0.64}]
    assert content["robustness"]["conclusions"][0] == {"kind": "root", "factors": [iri("a")], "holds_to": 0.7}
    assert content["answers"][1]["detours"] == [{"way": "cause", "factor": iri("a")}]


def test_a_graph_without_anything_is_an_error() -> None:
    empty = Argument().graph
    empty.remove((None, None, None))
    with pytest.raises(GraphError):
        analyse(empty)


def test_json_and_report_are_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    path = tmp_path / "graph.ttl"
    path.write_text(serialise(argument().graph), encoding="utf-8", newline="\n")
    program = (
        "import sys\n"
        "from ftzgraph.analysis.measures import analyse\n"
        "from ftzgraph.analysis.report import report\n"
        "from ftzgraph.knowledge.serialisation import load\n"
        "found = analyse(load(sys.argv[1]))\n"
        "text = found.to_json() + report(found, 'zh') + report(found, 'en')\n"
        "sys.stdout.buffer.write(text.encode())\n"
    )
    root = Path(__file__).parent.parent
    outputs = [
        subprocess.run(
            [sys.executable, "-c", program, str(path)],
            env={**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": seed, "LC_ALL": "C", "TZ": zone},
            cwd=folder,
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone, folder in (("1", "Asia/Shanghai", root), ("2", "America/New_York", tmp_path))
    ]
    found = analyse(argument().graph)
    here = found.to_json() + report(found, "zh") + report(found, "en")
    assert outputs == [here.encode(), here.encode()]
