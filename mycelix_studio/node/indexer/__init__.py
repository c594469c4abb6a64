"""Follows the contracts' events: ranges, reorganisations, and what each event means for the tables."""
