"""`vigie dead-letters list|show|replay`."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from agents import dead_letters, kafka, topics
from agents.cli.context import console, fail, read_settings
from agents.cli.show import printable
from agents.dead_letters import DeadLetter, Filter, Marks
from pipeline.errors import Reason

app = typer.Typer(help="Raw events that could not be used: look at them, and send them again.", no_args_is_help=True)

ReasonOption = Annotated[Reason | None, typer.Option("--reason", help="Only this reason.", show_default=False)]
PartitionOption = Annotated[int | None, typer.Option("--partition", help="Only this partition.", show_default=False)]
SinceOption = Annotated[datetime | None, typer.Option("--since", help="Only from this time on (UTC).", show_default=False)]
UntilOption = Annotated[datetime | None, typer.Option("--until", help="Only before this time (UTC).", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON Lines instead of a table.")]


@app.command("list")
def list_(
    reason: ReasonOption = None,
    partition: PartitionOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    json: JsonOption = False,
) -> None:
    """List dead letters with their reasons."""
    settings = read_settings()
    wanted = _filter(reason, partition, since, until)

    async def work() -> tuple[list[DeadLetter], Marks]:
        return await dead_letters.read(settings), await Marks.read(settings)

    letters, marks = run(work())
    meant = [letter for letter in letters if wanted(letter)]
    if json:
        for letter in meant:
            print(orjson.dumps(_row(letter, marks)).decode())
        return
    table = Table("where", "time", "reason", "attempt", "replayed", "key", "message", box=None)
    for letter in meant:
        row = _row(letter, marks)
        table.add_row(
            row["at"], f"{letter.when:%Y-%m-%d %H:%M:%S}", letter.reason, str(letter.attempt), "yes" if row["replayed"] else "",
            printable(row["key"] or ""), printable(letter.message),
        )  # fmt: skip
    console().print(table)
    counts = ", ".join(f"{count} {name}" for name, count in Counter(letter.reason for letter in meant).most_common())
    console().print(f"{len(meant)} dead letters" + (f": {counts}" if counts else ""))


@app.command()
def show(where: Annotated[str, typer.Argument(help="PARTITION:OFFSET, as `list` gives it")]) -> None:
    """Show one dead letter: its headers and the original bytes."""
    settings = read_settings()
    partition, _, offset = where.partition(":")
    if not (partition.isdigit() and offset.isdigit()):
        raise typer.BadParameter("takes PARTITION:OFFSET, such as 0:12", param_hint="WHERE")
    found = [each for each in run(dead_letters.read(settings)) if (each.partition, each.offset) == (int(partition), int(offset))]
    if not found:
        fail(f"there is no dead letter at {where}; see: vigie dead-letters list")
    out = console()
    out.print(
        f"time    {found[0].when.isoformat()}\nfrom    {found[0].origin}\nkey     {printable(_text(found[0].key))}", markup=False
    )
    for name, value in found[0].headers:
        out.print(f"header  {printable(name)}: {printable(_text(value))}", markup=False)
    out.print("value", markup=False)
    out.print(_text(found[0].value) if out.is_terminal is False else printable(_text(found[0].value)), markup=False, soft_wrap=True)


@app.command()
def replay(
    reason: ReasonOption = None, partition: PartitionOption = None, since: SinceOption = None, until: UntilOption = None
) -> None:
    """Send dead letters to articles.raw again, each once and at most three times in its life."""
    settings = read_settings()
    wanted = _filter(reason, partition, since, until)
    with Progress(TextColumn("replaying"), BarColumn(), MofNCompleteColumn(), transient=True) as bar:
        task = bar.add_task("replay", total=None)
        counts = run(dead_letters.replay(settings, wanted, lambda done, total: bar.update(task, completed=done, total=total)))
    console().print(
        f"replayed {counts['replayed']}; {counts['done']} were replayed before; {counts['exhausted']} have had their "
        f"{dead_letters.ATTEMPTS} attempts"
    )


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine on Kafka; a broker or topic that is missing, or marks that do not fit, exit 1 with the mend."""
    try:
        return asyncio.run(work)
    except (kafka.NoBroker, topics.TopicsError, dead_letters.TooScattered) as error:
        fail(str(error))


def _row(letter: DeadLetter, marks: Marks) -> dict[str, Any]:
    return {
        "at": f"{letter.partition}:{letter.offset}", "time": letter.when, "reason": letter.reason, "message": letter.message,
        "from": letter.origin, "attempt": letter.attempt, "replayed": letter in marks,
        "key": None if letter.key is None else _text(letter.key), "bytes": len(letter.value or b""),
    }  # fmt: skip


def _filter(reason: Reason | None, partition: int | None, since: datetime | None, until: datetime | None) -> Filter:
    aware = [each.replace(tzinfo=UTC) if each and each.tzinfo is None else each for each in (since, until)]
    return Filter(reason.value if reason else None, partition, *aware)


def _text(data: bytes | None) -> str:
    return "(null)" if data is None else data.decode("utf-8", "backslashreplace")
