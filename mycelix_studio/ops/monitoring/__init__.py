"""Monitoring of a node: configuration for Prometheus, Alertmanager and Grafana, and running the distribution's programs with it."""
