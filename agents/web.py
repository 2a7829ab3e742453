"""The worker's web pages, on Faust's server: /metrics, /health/live, /health/ready."""

from collections.abc import Callable
from typing import Any

import faust
import orjson
from faust.web import Request, Response, View

from agents.metrics import CONTENT_TYPE, CollectorRegistry, exposition

Checks = Callable[[], dict[str, bool]]


def mount(app: faust.App, registry: CollectorRegistry, checks: Checks) -> None:
    """Add the pages to an app. `checks` answers each condition of readiness by name."""

    @app.page("/metrics")
    async def metrics(view: View, _request: Request) -> Response:
        return view.bytes(exposition(registry), headers={"Content-Type": CONTENT_TYPE})

    @app.page("/health/live")
    async def live(view: View, _request: Request) -> Response:
        return _json(view, {"live": True}, 200)

    @app.page("/health/ready")
    async def ready(view: View, _request: Request) -> Response:
        found = checks()
        return _json(view, {"ready": all(found.values()), **found}, 200 if all(found.values()) else 503)


def _json(view: View, value: Any, status: int) -> Response:
    return view.bytes(orjson.dumps(value), content_type="application/json", status=status)
