"""Settings: one scrolling page made from the declared settings."""
