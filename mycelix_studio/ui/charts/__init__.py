"""Charts with one small data contract each."""
