"""From thousands of documents to one graph: found in whatever holds them, read by many processes, kept for the next build.

In reading order: ``items`` (a document that is still bytes), ``tables``, ``archives`` and ``sources`` (what a source stands
for), ``shards`` (the graph of one document), ``cache`` (shards on disk), ``mapping`` with ``cluster`` (who does the work),
``corpus`` (all of it together).
"""
