"""The analyst's brief in the formats that people hand on.

:func:`ftzgraph.analysis.report.report` writes it in Markdown. In reading order: :mod:`parsing` makes tokens of that,
:mod:`figures` says where among them the pictures of :mod:`ftzgraph.rendering` stand, :mod:`page` writes both as HTML, and
:mod:`word`, with :mod:`word_text` and :mod:`word_styles`, as a Word document.
"""
