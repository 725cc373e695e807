"""The formats of tables and network tools: factors and links out of a graph, and back after a person edited them.

All share the flat rows of :mod:`ftzgraph.formats.rows`; each module writes them down in one format, and most read it.
Use them through :mod:`ftzgraph.knowledge.serialisation`.
"""
