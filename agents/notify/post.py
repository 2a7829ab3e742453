"""Posting live alerts to one Alertmanager: at once when they are new, again at an interval until they end, as Prometheus does.

Alertmanager keeps alerts in memory: one that is killed after its 200 is given them again by the next posting. One that is down is
tried again, more and more slowly; nothing is forgotten meanwhile but what ends.
"""

import asyncio
from base64 import b64encode
from collections import deque
from collections.abc import Sequence
from itertools import islice
from time import monotonic, time
from urllib.parse import unquote, urlsplit

import aiohttp

from agents.log import get_logger
from agents.metrics.notifier import Answer, NotifierMetrics
from agents.notify.live import Live, LiveAlerts
from agents.secret import Secret, without_user

_AT_ONCE = 500  # alerts in a request: some 300 kB
_ANSWER_SECONDS = 10.0
_BACKOFF_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
_PROBE_SECONDS = 10.0  # without anything to post: an empty list, to learn whether it answers
_MESSAGE = 300  # characters of an answer that are logged
_OF_THE_ALERT = (400, 422)  # the answer says that an alert cannot be taken
_TOO_MUCH = 413
log = get_logger(__name__)


class Poster:
    """Keeps one Alertmanager told. `url` is where its API is, without /api/v2; `interval` in seconds."""

    def __init__(self, url: str, live: LiveAlerts, interval: float, metrics: NotifierMetrics) -> None:
        self.name = without_user(url)
        self.answering = False
        self._url = f"{self.name.rstrip('/')}/api/v2/alerts"
        self._login = _login(url)
        self._started = time()
        self._live, self._interval, self._metrics = live, interval, metrics
        self._new: dict[str, None] = {}  # ids, in the order of their coming
        self._taken: set[str] = set()  # ids that it has taken once
        self._again: deque[tuple[float, str]] = deque()  # when each is due, in order
        self._due: dict[str, float] = {}  # the entry of `_again` that counts
        self._wake = asyncio.Event()
        self._failures = 0

    @property
    def waiting(self) -> int:
        """How many alerts wait to be posted for the first time, or with a later end."""
        return len(self._new)

    def add(self, alert_id: str) -> None:
        """Post a live alert as soon as may be."""
        self._new[alert_id] = None
        self._wake.set()

    async def run(self) -> None:
        """Post until cancelled."""
        timeout = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
        headers = {"Content-Type": "application/json"}
        if self._login:
            headers["Authorization"] = self._login.reveal()
        async with aiohttp.ClientSession(timeout=timeout, headers=headers) as session:
            while True:
                await self._step(session)

    async def _step(self, session: aiohttp.ClientSession) -> None:
        alerts = self._next(monotonic())
        if not alerts and self.answering and await self._woken():
            return
        if await self._deliver(session, alerts):
            self._failures = 0
            return
        self._new = dict.fromkeys(alert.id for alert in alerts) | self._new
        self._failures += 1
        await asyncio.sleep(_BACKOFF_SECONDS[min(self._failures, len(_BACKOFF_SECONDS)) - 1])

    async def _woken(self) -> bool:
        """Wait for something to post; answers whether there may be something, and not only the time for a probe has come."""
        wait = min(_PROBE_SECONDS, max(0.0, self._again[0][0] - monotonic()) if self._again else _PROBE_SECONDS)
        self._wake.clear()
        try:
            async with asyncio.timeout(wait):
                await self._wake.wait()
        except TimeoutError:
            return wait < _PROBE_SECONDS
        return True

    def _next(self, now: float) -> list[Live]:
        """Take the alerts to post next: new ones first, then those that are due again."""
        ids = dict.fromkeys(islice(self._new, _AT_ONCE))
        for each in ids:
            del self._new[each]
        while self._again and self._again[0][0] <= now and len(ids) < _AT_ONCE:
            due, each = self._again.popleft()
            if self._due.get(each) == due:
                ids[each] = None
        found = [alert for each in ids if (alert := self._live.get(each))]
        for each in ids.keys() - {alert.id for alert in found}:  # ended
            self._taken.discard(each)
            self._due.pop(each, None)
        return found

    async def _deliver(self, session: aiohttp.ClientSession, alerts: Sequence[Live]) -> bool:
        """Post alerts; answers whether each was taken, or refused for what it is."""
        answer, message = await self._request(session, alerts)
        self._metrics.requests.of(answer).inc()
        self._say(answer, message)
        if answer is Answer.FAILED:
            return False
        if answer is Answer.ACCEPTED:
            self._accepted(alerts)
        elif len(alerts) == 1:
            self._metrics.posted.of(Answer.REFUSED).inc()
            log.error("alert.refused", alert=alerts[0].id, alertmanager=self.name, answer=message)
        else:
            middle = len(alerts) // 2
            return await self._deliver(session, alerts[:middle]) and await self._deliver(session, alerts[middle:])
        return True

    async def _request(self, session: aiohttp.ClientSession, alerts: Sequence[Live]) -> tuple[Answer, str]:
        body = b"[%b]" % b",".join(alert.json() for alert in alerts)
        begun = monotonic()
        try:
            async with session.post(self._url, data=body) as response:
                text = (await response.text(errors="replace"))[:_MESSAGE].strip()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Answer.FAILED, f"{type(error).__name__}: {error}"
        self._metrics.request_seconds.observe(monotonic() - begun)
        if response.status == 200:
            return Answer.ACCEPTED, ""
        of_the_alert = response.status in _OF_THE_ALERT or (response.status == _TOO_MUCH and len(alerts) > 1)
        return Answer.REFUSED if of_the_alert and alerts else Answer.FAILED, f"{response.status} {text}"

    def _say(self, answer: Answer, message: str) -> None:
        """Log when it stops or begins to answer; not at every try."""
        answers = answer is not Answer.FAILED
        if answers and not self.answering:
            log.info("alertmanager.answers", alertmanager=self.name, waiting=self.waiting)
        if not answers and (self.answering or self._failures == 0):
            hint = "the alerts wait; is it up, and is VIGIE_ALERTMANAGER its address?"
            log.warning("alertmanager.fails", alertmanager=self.name, error=message, waiting=self.waiting, hint=hint)
        self.answering = answers

    def _accepted(self, alerts: Sequence[Live]) -> None:
        due = monotonic() + self._interval
        self._metrics.posted.of(Answer.ACCEPTED).inc(len(alerts))
        for alert in alerts:
            self._again.append((due, alert.id))
            self._due[alert.id] = due
            if alert.id not in self._taken and alert.since >= self._started:
                self._metrics.delay.observe(max(0.0, time() - alert.since))
            self._taken.add(alert.id)


def _login(url: str) -> Secret:
    """Header Authorization for the user and password of a URL, if it has any; apart from it, so that no error can show them."""
    parts = urlsplit(url)
    pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return Secret(f"Basic {b64encode(pair.encode()).decode()}") if parts.username else Secret()
