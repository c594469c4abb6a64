"""Operating a node: real clusters in folders of their own."""
