"""Imported by what the pool's processes are forked from (agents/fork.py): the models, loaded once for all of them."""

import contextlib
import signal

from agents import work
from pipeline.errors import PipelineError

signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the worker's to hear; the fork server ignores it only from here on
with contextlib.suppress(PipelineError):  # a process that starts meets it again, and says it
    work.preload()
