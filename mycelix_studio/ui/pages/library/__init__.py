"""The library: tracks, their tags, saving."""
