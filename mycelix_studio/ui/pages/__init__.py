"""One folder per page: view (layout), page (behaviour), model (rows)."""
