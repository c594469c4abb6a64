"""The client of the platform API."""
