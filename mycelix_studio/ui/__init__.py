"""The window. Knows services, never an adapter."""

from mycelix_studio.ui.imports import read_no_sources

read_no_sources()
