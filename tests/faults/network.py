"""The network between workers and the broker, cut, slow, deaf and half closed."""

import asyncio
from pathlib import Path
from random import Random
from typing import Any

from agents.broker import LocalBroker
from agents.broker.processes import free_port
from tests.faults.proxy import Proxy
from tests.faults.world import world

KINDS = ("cut", "refuse", "swallow", "delay", "half_close", "half_close_to_broker", "tear")


def extra() -> dict[str, str]:
    """A second listener, whose address as told to clients is the proxy's."""
    return {
        "listeners": f"PROXIED://127.0.0.1:{free_port()}",
        "advertised.listeners": f"PROXIED://127.0.0.1:{free_port()}",
        "listener.security.protocol.map": "PROXIED:PLAINTEXT",
    }


async def run(
    broker: LocalBroker, folder: Path, *, seed: int, extra: dict[str, str], faults: int = 35, longest: float = 12
) -> dict[str, Any]:
    """So many faults under load, of up to `longest` seconds, each kind in turn; `extra` is what the broker was given."""
    random = Random(seed)  # noqa: S311 - when to cut is no secret
    target, port = (int(extra[name].rpartition(":")[2]) for name in ("listeners", "advertised.listeners"))
    kinds = [KINDS[(seed + number) % len(KINDS)] for number in range(faults)]
    settings = {"through": f"127.0.0.1:{port}", "VIGIE_KAFKA_TIMEOUT": "10"}
    async with Proxy(port, target) as proxy, world(broker.bootstrap, folder, **settings) as here:
        workers = await here.workers()
        for kind in kinds:
            await here.progress(random.randint(20, 200))
            await happen(proxy, kind, random.uniform(2, longest))
            here.mark()
            await here.progress(50)
            assert all(worker.running for worker in workers), f"a worker ended after {kind}"
        told = {kind: kinds.count(kind) for kind in sorted(set(kinds))}
        return {"faults": faults, "kinds": told, "note": "no worker had to be started again"} | await here.check()


async def happen(proxy: Proxy, kind: str, seconds: float) -> None:
    """Let a fault happen, and end."""
    match kind:
        case "cut":
            proxy.cut()
        case "half_close" | "half_close_to_broker":
            proxy.half_close(from_broker=kind == "half_close")
        case "refuse":
            proxy.mode = "refuse"
            proxy.cut()
            await asyncio.sleep(seconds)
        case "swallow":
            proxy.swallow()
            await asyncio.sleep(seconds)
            proxy.hear()
        case _:
            proxy.mode = kind
            await asyncio.sleep(1.0 if kind == "tear" else seconds)
    proxy.mode = "pass"
