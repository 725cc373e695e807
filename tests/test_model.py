"""The trained reader keeps the contract that every engine keeps."""

import os
import subprocess
import sys

import numpy as np
import pytest

from ftzgraph.causalmap import FactorType, Relation
from ftzgraph.extraction import extract
from ftzgraph.extraction.encoding import RELATIONS, beside_rivals
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.validation import validate
from ftzgraph.reading import read_text
from ftzgraph.resources import resource

TEXT = """一、主要问题
（一）审批环节多
办一张证要跑四个窗口，材料交三遍。部门之间各守各的系统，谁也看不到对方的数据。由于考核只看本部门的时限，没有人愿意为别人的环节多走一步。
二、对策建议
要打通部门之间的数据，推行一窗受理，让群众少跑腿。
"""


@pytest.fixture(scope="module")
def causal_map():
    return extract(read_text(TEXT), engine="model")


def test_it_finds_problems_that_no_cue_announces(causal_map):
    text = causal_map.document.text
    barriers = [text[f.span.start : f.span.end] for f in causal_map.factors if f.type.is_barrier]
    assert any("跑四个窗口" in quote for quote in barriers)


def test_it_finds_remedies(causal_map):
    text = causal_map.document.text
    strategies = [text[f.span.start : f.span.end] for f in causal_map.factors if f.type.is_strategy]
    assert any("一窗受理" in quote for quote in strategies)


def test_factors_are_verbatim_and_say_who_found_them(causal_map):
    document = causal_map.document
    for f in causal_map.factors:
        start, end = document.source_span(f.span.start, f.span.end)
        assert document.source[start:end] == document.text[f.span.start : f.span.end]
        assert f.method == "model" or f.method.startswith("model+rules/")
        assert 0 < f.confidence <= 1


def test_links_join_what_the_ontology_lets_them_join(causal_map):
    for link in causal_map.links:
        source, target = causal_map.factors[link.source].type, causal_map.factors[link.target].type
        if link.relation is Relation.CAUSES:
            assert (source.is_barrier, target.is_barrier) == (True, True)
        if link.relation is Relation.AIMS_AT:
            assert (source, target) == (FactorType.REMEDY, FactorType.GOAL)
        assert link.evidence
        assert 0 < link.confidence <= 1


def test_its_graph_conforms(causal_map):
    assert validate(to_rdf(causal_map)).conforms


def test_threads_and_processes_change_nothing(tmp_path):
    program = (
        "import sys; from ftzgraph.extraction import extract; from ftzgraph.reading import read_text; "
        "from ftzgraph.knowledge.rdf import to_rdf; from ftzgraph.knowledge.serialisation import serialise; "
        "sys.stdout.buffer.write(serialise(to_rdf(extract(read_text(sys.argv[1]), 'model'))).encode())"
    )
    graphs = {
        subprocess.run(
            [sys.executable, "-c", program, TEXT],
            env={**os.environ, "OMP_NUM_THREADS": threads, "PYTHONHASHSEED": threads},
            cwd=tmp_path,
            capture_output=True,
            check=True,
        ).stdout
        for threads in ("1", "2")
    }
    assert len(graphs) == 1


def test_pairs_are_seen_beside_their_rivals():
    pairs = np.array([[0, 1], [0, 2], [3, 2]])
    logits = np.repeat(np.array([[0.0], [2.0], [-1.0]], np.float32), len(RELATIONS), 1)
    first = beside_rivals(logits, pairs)[:, :: len(RELATIONS)]  # of the first relation
    chance = 1 / (1 + np.exp(-logits[:, 0]))
    below_best_of_source, others_of_source, below_best_of_target, others_of_target = first[:, 1:].T
    assert below_best_of_source.tolist() == [-2, 0, 0]
    assert below_best_of_target.tolist() == [0, 0, -3]
    assert np.allclose(others_of_source, np.log1p([chance[1], chance[0], 0]))
    assert np.allclose(others_of_target, np.log1p([0, chance[2], chance[1]]), atol=1e-6)


def test_training_sees_the_same_rivals():
    torch = pytest.importorskip("torch", reason="torch comes with the extra 'training'")
    model = pytest.importorskip("training.model")
    pairs = np.array([[0, 1], [0, 2], [3, 2], [2, 0]])
    logits = np.random.default_rng(1).normal(size=(4, len(RELATIONS))).astype(np.float32)
    trained = model.beside_rivals(torch.from_numpy(logits), torch.from_numpy(pairs)).numpy()
    assert np.allclose(trained, beside_rivals(logits, pairs), atol=1e-6)


def test_a_text_without_clauses_is_read(causal_map):
    assert extract(read_text("好。"), engine="model").factors == ()


def test_the_model_is_small_enough_to_ship():
    assert sum(file.stat().st_size for file in resource("data/model").iterdir()) <= 40e6
