"""Backups of a node and their way back: base backups, the write-ahead log as it is written, and audio, all encrypted with age."""
