"""The queries of the dashboards as Grafana would ask them: read from the JSON that it is given, variables substituted."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

FOLDER = Path(__file__).parents[2] / "monitoring/grafana/dashboards"


@dataclass(frozen=True)
class Query:
    """A query of a panel, with all values of each variable chosen; only `$__rate_interval` is left in `expr`."""

    dashboard: str
    panel: str
    ref: str
    expr: str
    legend: str

    def over(self, rate_interval: str) -> str:
        """The expression to ask Prometheus, with rates taken over an interval such as 20s."""
        return self.expr.replace("$__rate_interval", rate_interval)

    def name(self, labels: dict[str, str]) -> str:
        """The legend of a series with these labels."""
        text = self.legend
        for label, value in labels.items():
            text = text.replace(f"{{{{{label}}}}}", value)
        return text


def panels(dashboard: str) -> list[dict[str, Any]]:
    """The panels of a dashboard, rows left out."""
    return [panel for panel in _read(dashboard)["panels"] if panel["type"] != "row"]


def queries() -> Iterator[Query]:
    """Every query of every dashboard."""
    for path in sorted(FOLDER.glob("*.json")):
        for panel in panels(path.stem):
            yield from of_panel(path.stem, panel)


def of_panel(dashboard: str, panel: dict[str, Any]) -> Iterator[Query]:
    """The queries of a panel."""
    every = {variable["name"]: variable["allValue"] for variable in _read(dashboard)["templating"].get("list", ())}
    for target in panel["targets"]:
        expr = target["expr"]
        for name, value in every.items():
            expr = expr.replace(f"${name}", value)
        yield Query(dashboard, panel["title"], target["refId"], expr, target["legendFormat"])


def _read(dashboard: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads((FOLDER / f"{dashboard}.json").read_bytes())
    return found
