"""`vigie worker`: the Faust worker, with the loop, the logs and the exit codes that operators expect."""

import asyncio
import dataclasses
import re
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents import fork
from agents.cli.context import fail, fail_to_listen, read_settings
from agents.settings import Settings
from pipeline.stages import load_stages

if TYPE_CHECKING:
    from agents.watch_files import Watched

EXAMPLES = {
    "worker": "Example:  vigie worker\n\nAgain, after an upgrade:  vigie worker --group after-0.2 --from 2026-11-01T00:00:00Z"
}


def worker(
    group: Annotated[str | None, typer.Option(help="Consumer group instead of VIGIE_GROUP; a new one reprocesses.")] = None,
    start: Annotated[
        str, typer.Option("--from", help="Where a group without offsets starts: earliest, or a time such as 2026-11-01T00:00:00Z.")
    ] = "earliest",
) -> None:
    """Run a worker until SIGTERM or Ctrl-C.

    Exit 0 when it was stopped, 1 when it could not work.
    """
    settings = read_settings()
    if group is not None:
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", group):
            raise typer.BadParameter("takes at most 100 letters, digits, '.', '_' and '-'", param_hint="--group")
        settings = dataclasses.replace(settings, group=group)
    start_from = _read_time(start)
    _need_port(settings)
    fork.prepare()
    watched = _read_files(settings)
    load_stages(settings.stages)  # so that one that cannot be had is said here, not by each process of the pool
    _preflight(settings)
    _run(settings, start_from, watched)


def _read_files(settings: Settings) -> "Watched":
    """Read the files of the watch rules and of the names to watch; fail with one clear line when one cannot be used."""
    from agents.watch_files import WatchFileError, know, read_names, read_rules

    try:
        return {
            "rules": know(Path(settings.rules_file), read_rules) if settings.rules_file else None,
            "names": know(Path(settings.watch_list), read_names) if settings.watch_list else None,
        }
    except WatchFileError as error:
        fail(str(error))


def _need_port(settings: Settings) -> None:
    """Fail with one clear line, before models are loaded, when the address of the web server is not to be had."""
    try:
        family = socket.AF_INET6 if ":" in settings.web_bind else socket.AF_INET
        socket.create_server((settings.web_bind, settings.web_port), family=family).close()
    except OSError as error:
        fail_to_listen(settings, error)


def _preflight(settings: Settings) -> None:
    """Fail with one clear line, before Faust starts, when there is no broker, or a topic or a right is missing."""
    from agents import acl, kafka, rights, topics

    async def work() -> None:
        async with kafka.admin(settings) as admin:
            await rights.require(admin, settings)

    try:
        asyncio.run(work())
    except (kafka.NoBroker, topics.TopicsError, acl.MissingRight, rights.SessionRefused) as error:
        fail(str(error))


def _run(settings: Settings, start_from: datetime | None, watched: "Watched") -> None:
    import faust

    from agents import log
    from agents.app import create_app
    from agents.loop import new as new_loop
    from agents.metrics import CollectorRegistry

    loop = new_loop(fast=settings.uvloop)
    asyncio.set_event_loop(loop)
    app = create_app(settings, CollectorRegistry(), start_from=start_from, watched=watched, checked=True)
    runner = faust.Worker(
        app,
        loop=loop,
        quiet=True,
        loglevel=settings.log_level.upper(),
        logging_config=log.config(settings.log_level, settings.log_format),
        redirect_stdouts=False,
    )
    try:
        runner.execute_from_commandline()
    except SystemExit as ended:
        if ended.code:
            cause = ended.__context__
            fail(f"the worker ended: {type(cause).__name__}: {cause}" if cause else "the worker ended; see its log")
        raise


def _read_time(text: str) -> datetime | None:
    if text == "earliest":
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("takes earliest, or a time such as 2026-11-01T00:00:00Z", param_hint="--from") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
