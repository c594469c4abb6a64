"""Use cases over the adapters, without Qt."""
