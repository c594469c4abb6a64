"""Deploys and verifies the contracts."""
