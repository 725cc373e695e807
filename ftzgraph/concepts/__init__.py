"""Factors that mean the same, in one document or across many, and how many independent documents state them.

Read in this order: ``told`` (what a graph tells), ``statements`` and ``vectors`` (what is compared), ``neighbours`` (with which),
``scorer`` (how alike), ``clustering`` and ``grouping`` (which belong together), ``copies`` and ``belief`` (which documents
are independent), ``rdf``.
"""
