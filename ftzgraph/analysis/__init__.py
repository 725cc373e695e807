"""What an argument says and where it has gaps.

In reading order: :mod:`records` and :mod:`reader` take the factors and links out of RDF, :mod:`graph` makes a network of
them, :mod:`causality`, :mod:`gateways`, :mod:`centrality`, :mod:`answers`, :mod:`cover`, :mod:`leverage`, :mod:`actors` and
:mod:`robustness` measure it, :mod:`measures` bundles the results, :mod:`outline` arranges them for telling, and
:mod:`report` writes the brief.
"""
