"""Grafana's dashboards, made by code: `python -m tools.dashboards` writes monitoring/grafana/dashboards/*.json."""
