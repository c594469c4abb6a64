"""The local SQLite cache: one module per noun, no SQL outside this package."""
