"""Rendering: the RDF graph as an interactive page and as a picture."""
