"""The worker's event loop: uvloop where it is installed and wanted, with TLS connections that close within a bound."""

import asyncio
from typing import Any

# Seconds in which the other side may end a TLS connection that we close. The default of both loops is 30: uvloop 0.23 waits for all
# of it when an answer of Kafka is under way (a consumer always has a fetch waiting), and both do when Kafka is gone.
_SHUTDOWN_SECONDS = 1.0


def new(*, fast: bool) -> asyncio.AbstractEventLoop:
    """Make a loop; `fast` asks for uvloop."""
    base: Any = asyncio.SelectorEventLoop
    if fast:
        try:
            import uvloop  # noqa: PLC0415 - it may not be installed
        except ImportError:
            pass
        else:
            base = uvloop.Loop

    class Loop(base):  # type: ignore[misc]  # one of two classes, known only now
        """The loop, with the bound as the default of each connection that it makes."""

        async def create_connection(self, *arguments: Any, **options: Any) -> Any:
            if options.get("ssl"):
                options.setdefault("ssl_shutdown_timeout", _SHUTDOWN_SECONDS)
            return await super().create_connection(*arguments, **options)

    loop: asyncio.AbstractEventLoop = Loop()
    return loop
