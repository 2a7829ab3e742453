"""Where the web pages of a worker are, told by the client id under which it joins its group."""

import re

_CLIENT_ID = re.compile(r"vigie-(.+)-(\d+)")
_ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 - what a worker may bind to; nothing is bound here


def client_id(bind: str, port: int) -> str:
    """The name under which a worker joins its group."""
    return f"vigie-{bind}-{port}"


def address(client: str, host: str) -> str:
    """URL of the worker that joined as `client` from `host`; empty for a client that is none of ours."""
    found = _CLIENT_ID.fullmatch(client)
    if not found:
        return ""
    name = host.lstrip("/") if found[1] in _ANYWHERE else found[1]
    return f"http://[{name}]:{found[2]}" if ":" in name else f"http://{name}:{found[2]}"
