"""A receiver of alerts: Alertmanager posts its notifications here, and each new alert is told once.

    python examples/webhook.py 5001        # http://127.0.0.1:5001/, where monitoring/alertmanager.yml sends notifications

Put your own way of telling (mail, chat, ticket) in the place of `tell`. A notification lists every live alert of its rule again, so
new ones are told from earlier ones by `alert_id`. Whatever `tell` raises makes Alertmanager send the notification again.
"""

import sys
from typing import Any

import orjson
from aiohttp import web

_LARGEST = 64 * 1024 * 1024  # bytes of a notification; a thousand alerts take half a MB


async def tell(alert: dict[str, Any]) -> None:
    """Tell somebody of an alert: here a line of JSON on standard output."""
    labels, annotations = alert["labels"], alert["annotations"]
    line = {
        "rule": labels["alertname"],
        "severity": labels["severity"],
        "publisher": labels.get("publisher"),
        "since": alert["startsAt"],
        "url": annotations["url"],
        "snippet": annotations["snippet"],  # may be a reader's words: escape it before you show it
    }
    print(orjson.dumps(line).decode(), flush=True)


class Receiver:
    """Tells of each alert once, as long as it runs; forgets those that have ended."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    async def receive(self, request: web.Request) -> web.Response:
        """Take a notification: 200 once every alert in it was told."""
        for alert in orjson.loads(await request.read())["alerts"]:
            name = alert["labels"].get("alert_id") or alert["fingerprint"]
            if alert["status"] == "resolved":
                self._told.discard(name)
            elif name not in self._told:
                await tell(alert)
                self._told.add(name)
        return web.Response()


def main(port: str) -> None:
    """Listen on this machine alone."""
    app = web.Application(client_max_size=_LARGEST)
    app.router.add_post("/", Receiver().receive)
    web.run_app(app, host="127.0.0.1", port=int(port), print=None)


if __name__ == "__main__":
    main(*sys.argv[1:])
