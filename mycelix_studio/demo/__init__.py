"""The demo: a local chain, a node, twelve composed songs, twenty listeners, 120 days. A composition root like `app`."""
