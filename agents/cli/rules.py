"""`vigie rules put|list|delete|test`: the watch rules."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.cli.analysis import AS_PUBLISH, pipeline_for, read_rules
from agents.cli.context import console, fail, read_settings

if TYPE_CHECKING:
    from agents.settings import Settings
    from pipeline.events import WatchRule

app = typer.Typer(help="What users want to hear about.", no_args_is_help=True, pretty_exceptions_enable=False)

RulesFile = Annotated[Path, typer.Argument(help="TOML file with a table for each rule.")]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON instead of words.")]
JsonLinesOption = Annotated[bool, typer.Option("--json", help="JSON Lines instead of words.")]


@app.command(epilog="Example:  vigie rules put rules.toml")
def put(file: RulesFile, json: JsonOption = False) -> None:
    """Check the rules of a file and publish them; a rule with the same id is replaced."""
    from agents.cli.lines import write_json
    from agents.cli.remote import run
    from pipeline.codec import encode

    settings = read_settings()
    rules = read_rules(file)
    if not rules:
        fail(f"{file}: holds no rule; write [[rules]] above each")
    run(write(settings, [(rule.id.encode(), encode(rule)) for rule in rules]))
    if json:
        write_json({"put": [rule.id for rule in rules]})
    else:
        console().print(f"put {len(rules)} rules: {', '.join(rule.id for rule in rules)}")


@app.command(epilog="Example:  vigie rules delete azawad")
def delete(ids: Annotated[list[str], typer.Argument(help="Ids of rules.")], json: JsonOption = False) -> None:
    """Delete rules; exits 1, without deleting any, when one does not exist."""
    from agents.cli.lines import write_json
    from agents.cli.remote import run

    settings = read_settings()
    known = {rule.id for rule in run(read(settings))}
    if unknown := [each for each in ids if each not in known]:
        fail(f"there is no rule {', '.join(unknown)}; see: vigie rules list")
    run(write(settings, [(each.encode(), None) for each in ids]))
    if json:
        write_json({"deleted": ids})
    else:
        console().print(f"deleted {', '.join(ids)}")


@app.command("list", epilog="Example:  vigie rules list --json | jq .query")
def list_(json: JsonLinesOption = False) -> None:
    """List the rules in force."""
    from agents.cli.lines import write_json
    from agents.cli.remote import run
    from pipeline.codec import encode

    rules = run(read(read_settings()))
    if json:
        for rule in rules:
            write_json(encode(rule))
        return
    from rich.table import Table

    from agents.cli.show import printable

    table = Table("id", "severity", "enabled", "query", "entities", box=None)
    for rule in rules:
        cells = (rule.id, rule.severity, "yes" if rule.enabled else "no", rule.query or "", ", ".join(rule.entities))
        table.add_row(*map(printable, cells))
    console().print(table if rules else "no rules; see: vigie rules put --help")


@app.command("test", epilog="Example:  vigie rules test rules.toml page.html yesterday.jsonl")
def try_(
    rules: RulesFile,
    files: Annotated[list[Path], typer.Argument(help=f"{AS_PUBLISH}.")],
    json: JsonLinesOption = False,
) -> None:
    """Show which alerts the rules of a file would raise on pages, and why; nothing is published."""
    settings = read_settings()
    watched = read_rules(rules)
    from agents.cli import show
    from agents.cli.lines import write_json
    from agents.cli.pages import enriched
    from pipeline.codec import encode

    pipeline = pipeline_for(settings, watched)
    count = pages = 0
    silent = {rule.id: None for rule in watched if rule.enabled}
    for page in enriched(files, pipeline, settings):
        pages += 1
        for alert in page.alerts:
            count += 1
            silent.pop(alert.rule.id, None)
            if json:
                write_json(encode(alert))
        for shown in () if json else show.alerts(page.article, page.comments, page.alerts):
            console().print(shown)
    if not json:
        none = f"; none by {', '.join(map(show.printable, silent))}" if silent and pages else ""
        none = none if watched else f"; there are no rules in {show.printable(str(rules))}: begin each with a line [[rules]]"
        console().print(f"{count} alert{'s' * (count != 1)} on {pages} page{'s' * (pages != 1)}{none}")


async def read(settings: "Settings") -> "list[WatchRule]":
    """Read the rules in force from their topic, by id; a record that is no rule leaves the one before it in force."""
    from agents import kafka
    from agents.topics import Topic
    from pipeline.codec import decode_rule
    from pipeline.errors import InvalidRule

    rules: dict[bytes | None, WatchRule] = {}
    async with kafka.consumer(settings) as consumer:
        async for record in kafka.records(consumer, settings, settings.topic(Topic.RULES)):
            if record.value is None:
                rules.pop(record.key, None)
                continue
            try:
                rules[record.key] = decode_rule(record.value)
            except InvalidRule:
                continue
    return sorted(rules.values(), key=lambda rule: rule.id)


async def write(settings: "Settings", records: list[tuple[bytes, bytes | None]]) -> None:
    """Write rules and tombstones and wait for each; TopicsError when the topic is missing."""
    from agents import kafka, topics

    name = settings.topic(topics.Topic.RULES)
    async with kafka.admin(settings) as admin:
        await topics.require(admin, settings, topics.Topic.RULES, "Write")
    async with kafka.producer(settings) as producer:
        for key, value in records:
            await producer.send_and_wait(name, value, key=key)
