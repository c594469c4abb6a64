"""The platform node: API, indexer, settler, database."""
