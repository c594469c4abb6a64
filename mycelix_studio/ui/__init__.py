"""The window. Knows services, never an adapter."""
