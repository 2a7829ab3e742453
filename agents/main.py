"""`faust -A agents.main worker`: the app, built from the environment when it is first asked for."""

import os
from functools import cache
from typing import Any

from agents.metrics import CollectorRegistry
from agents.settings import Settings


@cache
def _app() -> Any:
    from agents.app import create_app

    return create_app(Settings.from_env(os.environ), CollectorRegistry())


def __getattr__(name: str) -> Any:
    """Build the app on the first look at `agents.main.app`."""
    if name == "app":
        return _app()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
