"""`vigie acls`: the least rights that each part of a system with vigie needs on a secured Kafka."""

from typing import Annotated

import typer

from agents.cli.context import read_settings

EXAMPLES = {
    "acls": "Example:  vigie acls worker --principal User:vigie | sh\n\nA reader's group:  vigie acls reader --group search"
}
_ROLES = ("worker", "crawler", "reader", "notify", "operator")


def acls(
    role: Annotated[str, typer.Argument(help="worker, crawler, reader, notify or operator (topics, rules, dead letters, doctor).")],
    principal: Annotated[str, typer.Option(help="Who gets the rights, in Kafka's words.")] = "",
    group: Annotated[str, typer.Option(help="Consumer group of a reader; without one it may read, but commit nothing.")] = "",
    json: Annotated[bool, typer.Option("--json", help="The rights as JSON Lines instead of commands.")] = False,
) -> None:
    """Print the kafka-acls.sh commands that grant the least rights to a role, for the topics and group of the settings.

    Nothing is sent to Kafka.
    """
    if role not in _ROLES:
        raise typer.BadParameter(f"takes one of {', '.join(_ROLES)}", param_hint="ROLE")
    if group and role != "reader":
        raise typer.BadParameter("is a reader's own; a worker's is VIGIE_GROUP", param_hint="--group")
    settings = read_settings()

    from agents import acl, rights

    needed = rights.needed(rights.Role(role), settings, group)
    if json:
        from agents.cli.lines import write_json

        for right in needed:
            pattern = "prefixed" if right.prefixed else "literal"
            write_json({"operation": right.operation, "resource": right.resource, "name": right.name, "pattern": pattern})
        return
    for command in acl.commands(needed, principal or f"User:{role}", settings):
        typer.echo(command)
