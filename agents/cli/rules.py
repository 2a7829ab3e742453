"""`vigie rules put|list|delete|test`: the watch rules."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from agents import kafka, topics
from agents.cli import show
from agents.cli.analysis import read_rules
from agents.cli.context import console, fail, read_settings
from agents.cli.dead_letters import run
from agents.settings import Settings
from agents.topics import Topic
from pipeline.events import WatchRule

app = typer.Typer(help="What users want to hear about.", no_args_is_help=True)

RulesFile = Annotated[Path, typer.Argument(help="TOML file with [[rules]] tables")]


@app.command()
def put(file: RulesFile) -> None:
    """Check the rules of a file and publish them; a rule with the same id is replaced."""
    from pipeline.codec import encode

    rules = read_rules(file)
    run(write(read_settings(), [(rule.id.encode(), encode(rule)) for rule in rules]))
    console().print(f"put {len(rules)} rules: {', '.join(rule.id for rule in rules)}", markup=False)


@app.command()
def delete(ids: Annotated[list[str], typer.Argument(help="Ids of rules")]) -> None:
    """Delete rules; exits 1, without deleting any, when one does not exist."""
    settings = read_settings()
    known = {rule.id for rule in run(read(settings))}
    if unknown := [each for each in ids if each not in known]:
        fail(f"there is no rule {', '.join(unknown)}; see: vigie rules list")
    run(write(settings, [(each.encode(), None) for each in ids]))
    console().print(f"deleted {', '.join(ids)}", markup=False)


@app.command("list")
def list_(json: Annotated[bool, typer.Option("--json", help="JSON Lines instead of a table.")] = False) -> None:
    """List the rules in force."""
    from pipeline.codec import encode

    rules = run(read(read_settings()))
    if json:
        for rule in rules:
            print(encode(rule).decode())
        return
    table = Table("id", "severity", "enabled", "query", "entities", box=None)
    for rule in rules:
        table.add_row(rule.id, rule.severity, "yes" if rule.enabled else "no", rule.query or "", ", ".join(rule.entities))
    console().print(table)


@app.command("test")
def try_(
    rules: RulesFile,
    files: Annotated[list[Path], typer.Argument(help=".txt, .html or .jsonl (RawArticle) files")],
    json: Annotated[bool, typer.Option("--json", help="Alerts as JSON Lines.")] = False,
) -> None:
    """Show which alerts the rules of a file would raise on pages, and why."""
    from agents.cli.pages import enriched
    from pipeline.codec import encode
    from pipeline.process import load_pipeline

    pipeline = load_pipeline(read_rules(rules), detector=read_settings().detector)
    count = 0
    for page in enriched(files, pipeline, time.perf_counter):
        for alert in page.alerts:
            count += 1
            if json:
                print(encode(alert).decode())
            else:
                console().print(show.alert(alert))
    if not json:
        console().print(f"{count} alerts")


async def read(settings: Settings) -> list[WatchRule]:
    """Read the rules in force from their topic, by id; a record that is no rule is passed over."""
    from pipeline.codec import decode_rule
    from pipeline.errors import InvalidRule

    values: dict[bytes | None, bytes | None] = {}
    async with kafka.consumer(settings) as consumer:
        async for record in kafka.records(consumer, settings.topic(Topic.RULES)):
            values[record.key] = record.value
    rules = []
    for value in values.values():
        try:
            rules += [decode_rule(value)] if value is not None else []
        except InvalidRule:
            continue
    return sorted(rules, key=lambda rule: rule.id)


async def write(settings: Settings, records: list[tuple[bytes, bytes | None]]) -> None:
    """Write rules and tombstones and wait for each; TopicsError when the topic is missing."""
    name = settings.topic(Topic.RULES)
    async with kafka.admin(settings) as admin:
        if await topics.missing(admin, [name]):
            raise topics.TopicsError(topics.missing_message([name], settings))
    async with kafka.producer(settings) as producer:
        for key, value in records:
            await producer.send_and_wait(name, value, key=key)
