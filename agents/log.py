"""Logs: structlog events through the standard logging, JSON by orjson or coloured for people. No page content above debug."""

import sys
from typing import Any

import orjson
import structlog

_NOISY = ("aiokafka", "faust", "mode", "aiohttp", "asyncio")
_SPILLING = ("aiokafka.conn",)  # logs every request at debug: under SASL PLAIN one holds the password


def _dumps(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()


def config(level: str, style: str) -> dict[str, Any]:
    """Make a dictConfig for logging. `style`: json, console, or auto (console on a terminal)."""
    console = style == "console" or (style == "auto" and sys.stderr.isatty())
    # plain_traceback: with rich installed the default shows every local variable, pages and passwords among them
    people = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer: Any = people if console else structlog.processors.JSONRenderer(serializer=_dumps)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        *([] if console else [structlog.processors.format_exc_info]),
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        "foreign_pre_chain": shared,
    }
    quiet = level.upper() if level == "debug" else "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structlog": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structlog", "stream": "ext://sys.stderr"}},
        "loggers": {name: {"level": quiet} for name in _NOISY} | {name: {"level": "WARNING"} for name in _SPILLING},
        "root": {"level": level.upper(), "handlers": ["stderr"]},
    }


def get_logger(name: str) -> Any:
    """Return a logger whose calls take an event name and its values: `log.info("batch.committed", records=12)`."""
    return structlog.stdlib.get_logger(name)
