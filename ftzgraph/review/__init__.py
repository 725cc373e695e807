"""What reviewers decide about a graph: told in a spreadsheet, kept as RDF, applied to every later graph of the same documents.

``deciding`` makes rows of a graph and decisions of rows, which ``sheet`` writes and reads; ``decisions`` keeps them as RDF; ``replay``
applies them, with ``anchors`` and ``book`` (where a quote stands now), ``editing`` (factors and links) and ``regrouping`` (concepts).
"""
