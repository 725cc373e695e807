"""Factors and links as a Cypher script, for Neo4j and other property graph databases."""

import json
from typing import Final

from rdflib import Graph

from ftzgraph.causalmap import FactorType, Relation
from ftzgraph.formats.rows import Row, Value, rows
from ftzgraph.knowledge.vocabulary import FACTOR_TYPES, FTZ_IRI, superclasses

_RELATIONSHIPS: Final[dict[str, str]] = {
    Relation.CAUSES.value: "CAUSES",
    Relation.ADDRESSES.value: "ADDRESSES",
    Relation.AIMS_AT.value: "AIMS_AT",
    Relation.PART_OF.value: "PART_OF",
}
_LABELS: Final[dict[str, list[str]]] = {
    kind.value: [str(term).removeprefix(FTZ_IRI) for term in (FACTOR_TYPES[kind], *superclasses(FACTOR_TYPES[kind]))]
    for kind in FactorType
}


def write(graph: Graph) -> str:
    """Write the factors and links of a graph as Cypher statements, one a line.

    Each statement merges by the identifier, so the script may run twice, and the scripts of several graphs into one
    database.

    Args:
        graph: an ftzgraph RDF graph.

    Returns:
        A script for ``cypher-shell``: a node with the labels ``Factor``, ``Barrier``, ``Problem`` and the like for each
        factor, a relationship ``CAUSES``, ``ADDRESSES``, ``AIMS_AT`` or ``PART_OF`` for each link.

    Raises:
        GraphError: the graph holds no factors, or lacks something essential.
    """
    found = rows(graph)
    lines = ["CREATE CONSTRAINT ftzgraph_factor IF NOT EXISTS FOR (f:Factor) REQUIRE f.id IS UNIQUE;"]
    other = ":".join(dict.fromkeys(label for labels in _LABELS.values() for label in labels if label != "Factor"))
    for row in found.factors:
        labels = ":".join(_LABELS[str(row["type"])])
        lines.append(f"MERGE (f:Factor {_map(row, 'id')}) REMOVE f:{other} SET f = {_map(row)}, f:{labels};")
    for row in found.links:
        others = [name for name in row if name not in ("source", "target")]
        ends = ", ".join(f"({name[0]}:Factor {{id: {_literal(row[name])}}})" for name in ("source", "target"))
        kind = _RELATIONSHIPS[str(row["relation"])]
        lines.append(f"MATCH {ends} MERGE (s)-[l:{kind} {_map(row, 'id')}]->(t) SET l = {_map(row, *others)};")
    return "\n".join(lines) + "\n"


def _map(row: Row, *names: str) -> str:
    return "{" + ", ".join(f"{name}: {_literal(row[name])}" for name in names or row) + "}"


def _literal(value: Value) -> str:
    """A value as Cypher writes it, whose strings know all escapes of JSON."""
    return json.dumps(value, ensure_ascii=False)
