"""`vigie dead-letters list|show|replay`."""

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.cli.context import console, fail, read_settings
from pipeline.errors import Reason

if TYPE_CHECKING:
    from agents.dead_letters import DeadLetter, Filter, Marks

app = typer.Typer(
    help="Raw events that could not be used: look at them, and send them again.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

ReasonOption = Annotated[Reason | None, typer.Option("--reason", help="Only this reason.", show_default=False)]
PartitionOption = Annotated[int | None, typer.Option("--partition", min=0, help="Only this partition.", show_default=False)]
_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]
SinceOption = Annotated[
    datetime | None,
    typer.Option("--since", help="Only from this time on; without a zone it is UTC.", formats=_FORMATS, show_default=False),
]
UntilOption = Annotated[
    datetime | None, typer.Option("--until", help="Only before this time.", formats=_FORMATS, show_default=False)
]


@app.command("list", epilog="Example:  vigie dead-letters list --reason not_json --since 2026-11-01")
def list_(
    reason: ReasonOption = None,
    partition: PartitionOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    json: Annotated[bool, typer.Option("--json", help="JSON Lines instead of a table.")] = False,
) -> None:
    """List dead letters: where they lie, their reasons, and whether they were sent again."""
    from agents import dead_letters
    from agents.cli.lines import write_json
    from agents.cli.remote import run

    settings = read_settings()
    wanted = _filter(reason, partition, since, until)

    async def work() -> "tuple[list[DeadLetter], Marks]":
        return await dead_letters.read(settings), await dead_letters.Marks.read(settings)

    letters, marks = run(work())
    meant = [letter for letter in letters if wanted(letter)]
    if json:
        for letter in meant:
            write_json(_row(letter, marks))
    else:
        _table(meant, marks)


def _table(letters: "list[DeadLetter]", marks: "Marks") -> None:
    from rich.table import Table

    from agents.cli.show import marked, printable

    table = Table("where", "time (UTC)", "reason", "attempt", "key and message", box=None)
    table.columns[0].no_wrap = True
    for letter in letters:
        row = _row(letter, marks)
        words = f"{row['key']}\n{letter.message}" if row["key"] else letter.message
        attempt = f"{letter.attempt}{', replayed' if row['replayed'] else ''}"
        table.add_row(row["at"], f"{letter.when:%m-%d %H:%M:%S}", printable(letter.reason), attempt, marked(words))
    if letters:
        console().print(table)
    counts = ", ".join(f"{count} {printable(name)}" for name, count in Counter(each.reason for each in letters).most_common())
    console().print(f"{len(letters)} dead letters" + (f": {counts}" if counts else ""))
    if letters:
        console().print(f"To see one whole: vigie dead-letters show {letters[0].partition}:{letters[0].offset}")


@app.command(epilog="Example:  vigie dead-letters show 0:12\n\nOnly its bytes:  vigie dead-letters show 0:12 --raw > event.json")
def show(
    where: Annotated[str, typer.Argument(help="PARTITION:OFFSET, as `list` gives it.")],
    raw: Annotated[bool, typer.Option("--raw", help="The original bytes and nothing else, for a pipe.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show one dead letter: its headers and the original bytes."""
    from agents import dead_letters
    from agents.cli.remote import run

    partition, _, offset = where.partition(":")
    if not (partition.isdecimal() and offset.isdecimal()):
        raise typer.BadParameter("takes PARTITION:OFFSET, such as 0:12", param_hint="WHERE")
    settings = read_settings()
    found = [each for each in run(dead_letters.read(settings)) if (each.partition, each.offset) == (int(partition), int(offset))]
    if not found:
        fail(f"there is no dead letter at {where}; see: vigie dead-letters list")
    if raw:
        typer.get_binary_stream("stdout").write(found[0].value or b"")
    elif json:
        _print_json(found[0])
    else:
        _print(found[0])


def _print_json(letter: "DeadLetter") -> None:
    from agents.cli.lines import write_json
    from agents.cli.remote import text

    headers = {name: text(value) for name, value in letter.headers}
    value = None if letter.value is None else text(letter.value)
    write_json(_row(letter) | {"headers": headers, "value": value})


def _print(letter: "DeadLetter") -> None:
    from agents.cli.remote import text
    from agents.cli.show import marked, printable

    out = console()
    rows = [("time", letter.when.isoformat()), ("from", letter.origin), ("key", text(letter.key))]
    rows += [("header", f"{name}: {text(value)}") for name, value in letter.headers]
    for name, value in rows:
        out.print(f"{name:7} {printable(value)}", soft_wrap=True)
    out.print(f"value   {len(letter.value or b''):,} bytes")
    out.print(marked(text(letter.value)), soft_wrap=True)


@app.command(epilog="Example:  vigie dead-letters replay --reason timeout")
def replay(
    reason: ReasonOption = None,
    partition: PartitionOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    json: Annotated[bool, typer.Option("--json", help="The counts as one JSON object.")] = False,
) -> None:
    """Send dead letters to articles.raw again, each once and at most three times in its life."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from agents import dead_letters
    from agents.cli.lines import write_json
    from agents.cli.remote import run

    settings = read_settings()
    wanted = _filter(reason, partition, since, until)
    out = console(stderr=True)
    columns = (TextColumn("replaying"), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, console=out, transient=True, disable=not out.is_terminal)
    with bar:
        task = bar.add_task("replay", total=None)
        counts = run(dead_letters.replay(settings, wanted, lambda done, total: bar.update(task, completed=done, total=total)))
    if json:
        write_json(counts)
        return
    console().print(
        f"replayed {counts['replayed']}; {counts['done']} were replayed before; {counts['exhausted']} have had their "
        f"{dead_letters.ATTEMPTS} attempts"
    )


def _row(letter: "DeadLetter", marks: "Marks | None" = None) -> dict[str, Any]:
    from agents.cli.remote import text

    replayed = {} if marks is None else {"replayed": letter in marks}
    return {
        "at": f"{letter.partition}:{letter.offset}", "time": letter.when, "reason": letter.reason, "message": letter.message,
        "from": letter.origin, "attempt": letter.attempt, **replayed,
        "key": None if letter.key is None else text(letter.key), "bytes": len(letter.value or b""),
    }  # fmt: skip


def _filter(reason: Reason | None, partition: int | None, since: datetime | None, until: datetime | None) -> "Filter":
    from agents.dead_letters import Filter

    aware = [each.replace(tzinfo=UTC) if each and each.tzinfo is None else each for each in (since, until)]
    return Filter(reason.value if reason else None, partition, *aware)
