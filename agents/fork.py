"""What the processes of the pool are forked from: a process that loads the models once, while the worker still starts."""

import gc
import multiprocessing
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from typing import Any

# What a process needs is imported before it is forked: the models; the main module of the worker; what pebble runs.
_PRELOAD = ["agents.preload", "agents.cli", "pebble.pool.process"]


def context() -> ForkServerContext:
    """How the pool's processes are started."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(_PRELOAD)
    return found


def prepare() -> None:
    """Start what they are forked from; it loads its models while this process goes on."""
    context()
    forkserver.ensure_running()


@dataclass(frozen=True)
class Named:
    """A function of one argument by its name, `module:function`: who calls it imports it, not who passes it on."""

    name: str

    def __call__(self, argument: Any) -> Any:
        """Import the function, and call it."""
        module, _, function = self.name.partition(":")
        return getattr(import_module(module), function)(argument)


def spare_collections() -> None:
    """Take what is there now for what stays: walking through it at every full collection would cost pages their time."""
    gc.collect()
    gc.freeze()
