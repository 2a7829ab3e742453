"""Write the dashboards as JSON, one file each: what Grafana provisions. A test holds the files to this code."""

import orjson
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from tools.dashboards import alerts, delivery, pipeline, quality
from tools.dashboards.queries import FOLDER

DASHBOARDS = {"pipeline": pipeline.build, "delivery": delivery.build, "quality": quality.build, "alerts": alerts.build}


def encode(dashboard: Dashboard) -> bytes:
    """JSON of a dashboard, with an end of line."""
    compact = JSONEncoder(sort_keys=True).encode(dashboard)
    return orjson.dumps(orjson.loads(compact), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def main() -> None:
    """Write all."""
    for name, build in DASHBOARDS.items():
        (FOLDER / f"{name}.json").write_bytes(encode(build()))


if __name__ == "__main__":
    main()
