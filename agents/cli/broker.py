"""`vigie broker start|stop|status`: a real Kafka on this machine, without Docker."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from agents.broker import BrokerError, LocalBroker, LocalCluster, default_home, local_port
from agents.broker.cluster import find as find_cluster
from agents.broker.jars import VERSION, Report, silent
from agents.cli.context import console, fail, read_settings

app = typer.Typer(
    help="A real Kafka on this machine, for development, tests and the demo.", no_args_is_help=True, pretty_exceptions_enable=False
)

Port = Annotated[int | None, typer.Option(min=1, max=65535, help="Port on 127.0.0.1; default: the one in VIGIE_BROKER, 9092.")]


@app.command(epilog="Example:  vigie broker start --port 19092\n\nThree nodes:  vigie broker start --nodes 3")
def start(
    port: Port = None,
    nodes: Annotated[
        int | None,
        typer.Option(min=1, max=9, help="Nodes; with three, leaders and coordinators can move. Default: as it was, else 1."),
    ] = None,
) -> None:
    """Start the local Kafka and return once it answers; its jars are fetched the first time."""
    with _failing(), _fetching() as report:
        broker = _broker(port, report)
        cluster = find_cluster(broker.home, broker.port, report) if nodes is None else None
        if nodes is not None and nodes > 1:
            cluster = LocalCluster(broker.home, broker.port, nodes, report=report)
        if cluster:
            _start_cluster(cluster)
            return
        started = broker.start()
        status = broker.status()
        verb = "is running" if started else "was running already"
        typer.echo(f"Kafka {status.version} {verb} on {status.bootstrap} (pid {status.pid}).")
        typer.echo(f"data {status.data}\nlog  {status.log}")
        if broker.port != local_port(read_settings().broker):
            typer.echo(f"To use it: export VIGIE_BROKER={status.bootstrap}")


def _start_cluster(cluster: LocalCluster) -> None:
    verb = "is running" if cluster.start() else "was running already"
    typer.echo(f"Kafka {VERSION} {verb} with {len(cluster.nodes)} nodes on {cluster.bootstrap}.\ndata {cluster.data}")
    typer.echo(f"To use it: export VIGIE_BROKER={cluster.bootstrap} VIGIE_REPLICATION={cluster.replicas}")


@app.command(epilog="Example:  vigie broker stop")
def stop(port: Port = None) -> None:
    """Stop the local Kafka, every node of it; its data stays."""
    with _failing():
        broker = _broker(port)
        stopped = broker.stop()
        if cluster := find_cluster(broker.home, broker.port):
            stopped = cluster.stop() or stopped
        typer.echo(f"Kafka on {broker.bootstrap} {'is stopped' if stopped else 'was not running'}.")


@app.command(epilog="Example:  vigie broker status --json | jq -r .bootstrap")
def status(
    port: Port = None, json: Annotated[bool, typer.Option("--json", help="One JSON object a node instead of words.")] = False
) -> None:
    """Tell how the local Kafka is; exit code 0 when it runs, every node of it, 1 when it does not."""
    with _failing():
        broker = _broker(port)
        cluster = find_cluster(broker.home, broker.port)
        nodes = cluster.nodes if cluster and not broker.status().running else [broker]
        running = [_tell(node, json=json) for node in nodes]
    if not all(running):
        raise typer.Exit(1)


def _tell(broker: LocalBroker, *, json: bool) -> bool:
    """Tell how a node is; whether it runs."""
    import msgspec

    from agents.cli.lines import write_json

    found = broker.status()
    if json:
        write_json(msgspec.json.encode(found))
        return found.running
    doing = "runs" if found.answers else "runs, but does not answer," if found.running else "does not run"
    typer.echo(f"Kafka {found.version} {doing} on {found.bootstrap}" + (f" (pid {found.pid})." if found.running else "."))
    typer.echo(f"data {found.data}\nlog  {found.log}")
    if found.died:
        typer.echo(f"It ended without `vigie broker stop`. The last lines of its log:\n{broker.last_words()}")
    return found.running


def _broker(port: int | None, report: Report = silent) -> LocalBroker:
    configured = local_port(read_settings().broker)
    return LocalBroker(default_home(os.environ), port or configured, report=report)


@contextmanager
def _failing() -> Iterator[None]:
    """An error of the broker is shown whole, and ends the command with exit code 1."""
    try:
        yield
    except BrokerError as error:
        fail(str(error))


@contextmanager
def _fetching() -> Iterator[Report]:
    """A progress bar that appears when the jars have to be fetched; without a terminal, one line says so."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    out = console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[jar]}"),
    )
    bar = Progress(*columns, console=out, transient=True)
    task = bar.add_task(f"Fetching Kafka {VERSION} (44 MB)", jar="")

    def report(done: int, wanted: int, name: str) -> None:
        if out.is_terminal:
            bar.start()
            bar.update(task, completed=done, total=wanted, jar=name)
        elif done == 0:
            out.print(f"Fetching Kafka {VERSION} (44 MB) by Maven ...")
        if done == wanted:
            bar.stop()

    try:
        yield report
    finally:
        if out.is_terminal:
            bar.stop()
