"""How two graphs differ: two documents, two editions of one, or what two readers made of it.

In reading order: :mod:`matching` tells which factor of one graph is which of the other, :mod:`difference` what became of
each factor and link, :mod:`listing` writes that down for people, and :mod:`merging` makes one graph of the two.
"""
