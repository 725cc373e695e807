"""What the pages of the service say, in Chinese and English."""

from typing import Final

from rdflib.term import Node

from ftzgraph.knowledge.results import readable
from ftzgraph.knowledge.vocabulary import compact

LANGUAGES: Final = ("zh", "en")

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "all-queries": ("全部常用查询", "All named queries"),
    "as": ("其他格式：", "Other formats:"),
    "empty": ("没有结果。", "No results."),
    "explorer": ("论证图谱", "Argument map"),
    "from": ("属性与联系", "Properties and links"),
    "language": ("English", "中文"),
    "named": ("常用查询", "Named queries"),
    "named-lead": (
        "每个查询都有固定的网址，可用程序、表格软件或浏览器直接读取。",
        "Each query has an address of its own, for programs, spreadsheets and browsers.",
    ),
    "ontology": ("本体", "Ontology"),
    "places": ("原文出处", "Where the text says so"),
    "query": ("SPARQL 查询", "SPARQL query"),
    "query-lead": (
        "常用前缀（ftz:、id:、oa:、rdfs: 等）无须声明。",
        "The usual prefixes (ftz:, id:, oa:, rdfs:, …) need no declaration.",
    ),
    "dcterms:creator": ("作者", "author"),
    "dcterms:isPartOf": ("所属文件或章节", "part of"),
    "dcterms:language": ("语言", "language"),
    "dcterms:title": ("标题", "title"),
    "oa:hasSource": ("文件", "document"),
    "prov:used": ("抽取自", "extracted from"),
    "prov:wasDerivedFrom": ("来源文件", "document"),
    "prov:wasGeneratedBy": ("抽取过程", "extraction"),
    "rdf:object": ("联系的终点", "where a link leads"),
    "rdf:predicate": ("关系", "relation"),
    "rdf:subject": ("联系的起点", "where a link starts"),
    "rows": ("{n} 行", "{n} rows"),
    "run": ("运行", "Run"),
    "to": ("指向本条的联系", "What points here"),
}


def say(key: str, lang: str, **values: object) -> str:
    """Return a text with its ``{names}`` filled in.

    >>> say("rows", "en", n=3)
    '3 rows'
    """
    return _TEXTS[key][lang != "zh"].format(**values)


def property_name(term: Node, lang: str) -> str:
    """Return what a property is called on a page.

    >>> from rdflib import RDF
    >>> property_name(RDF.predicate, "en"), property_name(RDF.value, "en")
    ('relation', 'rdf:value')
    """
    name = compact(term)
    return say(name, lang) if name in _TEXTS else readable(term, lang)
