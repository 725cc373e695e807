"""Training of the model engine; not part of the package that is installed."""
