"""What many documents say together: which barriers come back, what is tried against them, when, where and by whom.

It works on graphs with concepts (:mod:`ftzgraph.concepts`). Read in this order: ``records`` (what the graph tells), ``measures``,
``brief``.
"""
