"""A graph on the web: the explorer, a SPARQL 1.1 endpoint, named queries and factors as pages of their own.

Read in this order: ``server`` (the process that listens), ``app`` (what is at which address), ``pool`` and ``reader``
(the processes that answer, and are killed when they take too long), then what they answer: ``protocol``,
``negotiation``, ``syntax`` and ``evaluation`` for SPARQL, ``named``, ``resources`` and ``pages`` for the rest.
"""
