"""The alerts that are live: which, since when, until when, and as Alertmanager's API v2 takes them.

Alertmanager tells alerts apart by their labels alone and keeps them in memory, so the labels of an alert stay as they were first
read, and whatever is live is posted again and again. An alert is live from the time of its event for VIGIE_ALERT_TTL; when its page
is crawled again within that time it goes on from there, as the same alert.
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from agents.clock import moment
from agents.metrics.notifier import Taken
from pipeline.events import Alert
from pipeline.timestamps import rfc3339

_LONGEST_LABEL = 200  # code points of a publisher's name


@dataclass(slots=True)
class Live:
    """A live alert. `labels` and `annotations` are JSON objects; times in seconds since 1970, `since` that of its record."""

    id: str
    labels: bytes
    annotations: bytes
    starts_at: float
    ends_at: float
    since: float

    def json(self) -> bytes:
        """As an element of the list that POST /api/v2/alerts takes."""
        starts, ends = (rfc3339(moment(when * 1000)).encode() for when in (self.starts_at, self.ends_at))
        return b'{"labels":%b,"annotations":%b,"startsAt":"%b","endsAt":"%b"}' % (self.labels, self.annotations, starts, ends)


class LiveAlerts:
    """Live alerts by id. `ttl` in seconds."""

    def __init__(self, ttl: float) -> None:
        self._ttl = ttl
        self._alerts: dict[str, Live] = {}

    def __len__(self) -> int:
        return len(self._alerts)

    def get(self, alert_id: str) -> Live | None:
        """A live alert; None once it has ended."""
        return self._alerts.get(alert_id)

    def take(self, alert: Alert, written: float, came_in: datetime | None, now: float) -> Taken:
        """Take an alert whose record was `written` then; `came_in` is its ce_time. REPEATED says that nothing has changed by it.

        NEW: it is to be posted, be it only because it ends later than was known.
        """
        starts_at = start(alert, written, came_in)
        ends_at = starts_at + self._ttl
        if ends_at <= now:
            return Taken.EXPIRED
        known = self._alerts.get(alert.id)
        if known is None:
            annotations = msgspec.json.encode({"snippet": alert.snippet, "url": alert.article_url})
            self._alerts[alert.id] = Live(alert.id, labels(alert), annotations, starts_at, ends_at, written)
            return Taken.NEW
        if ends_at <= known.ends_at:
            return Taken.REPEATED
        known.ends_at = ends_at
        return Taken.NEW

    def expire(self, now: float) -> None:
        """Forget the alerts that have ended."""
        for each in [each for each in self._alerts.values() if each.ends_at <= now]:
            del self._alerts[each.id]


def start(alert: Alert, written: float, came_in: datetime | None) -> float:
    """When an alert starts, in seconds since 1970: its event time.

    Where it is not known when its page was fetched, the event time is at best a date of publication, perhaps of years ago; the
    alert then starts when the page came in (ce_time, which else is the same). It never starts after its record was written, so that
    the records of the last VIGIE_ALERT_TTL hold every live alert, whatever a crawler's clock says.
    """
    known = [when.timestamp() for when in (alert.event_time, came_in) if when is not None]
    return min(max(known, default=written), written)


def labels(alert: Alert) -> bytes:
    """What Alertmanager groups, silences and routes by; an empty value is the same to it as none."""
    publisher = alert.publisher
    name = (publisher.name or publisher.domain) if publisher else None
    return msgspec.json.encode(  # orjson would hold 4 KiB for each of these for as long as the alert lives
        {
            "alertname": alert.rule.id,
            "alert_id": alert.id,
            "severity": alert.rule.severity,
            "origin": alert.origin,
            "publisher": (name or _host(alert.article_url))[:_LONGEST_LABEL],
            "language": alert.language.tag if alert.language else "",
        }
    )


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
