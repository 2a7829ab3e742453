"""`vigie top` on a real worker: one frame in a pipe, frame after frame in a terminal."""

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import orjson
import pytest

from tests.fixtures.kafka import Spines
from tests.fixtures.spine import Spine, page, urls
from tests.fixtures.worker import Worker

pytestmark = pytest.mark.broker
TOP = (sys.executable, "-m", "agents", "top")
PAGES = 6


@pytest.fixture(scope="module")
async def running(make_spine: Spines) -> tuple[Spine, Worker]:
    """A worker that has taken in pages, one of them no page, under a rule that fires."""
    spine = await make_spine().create()
    worker = await spine.worker().ready()
    rule = {"id": "visite", "severity": "critical", "query": "Lavrov"}
    await spine.send_records([(b"visite", orjson.dumps(rule), ())], to="watch-rules")
    await spine.send(b"no page")
    async with spine.reader("articles.enriched", "alerts", "articles.dead-letter") as reader:
        await reader.until(lambda each: each.records["articles.dead-letter"], "the rule is in force, and the first page refused")
        await spine.send(*(page(url) for url in urls(PAGES)))
        await reader.until(lambda each: len(each.records["alerts"]) >= PAGES, "the alerts")
    return spine, worker


def once(spine: Spine, **variables: str) -> subprocess.CompletedProcess[str]:
    environ = spine.environ | {"COLUMNS": "80"} | variables
    return subprocess.run([*TOP, "--once", "--every", "1"], env=environ, capture_output=True, text=True, timeout=90, check=False)


async def test_one_frame_of_a_running_system(running: tuple[Spine, Worker]):
    spine, worker = running
    done = once(spine)
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    for wanted in (
        rf"group {re.escape(spine.settings.full_group)} ",
        r"taken in +0\.0",
        r"in all +0\.0",
        rf"{re.escape(worker.url)}  ready +0\.0/s  partitions 0, 1; pool \d+ MiB",
        r"fr +\d+\.\d%",
        r"1 not_json",
        r"critical  visite",
        r"Lavrov",
    ):
        assert re.search(wanted, done.stdout), (wanted, done.stdout)


async def test_what_is_missing_is_said(make_spine: Spines):
    done = once(make_spine())
    assert (done.returncode, done.stdout) == (1, "")
    assert "vigie topics create" in done.stderr
    nobody = once(make_spine(VIGIE_BROKER="127.0.0.1:1"))
    assert nobody.returncode == 1
    assert "no Kafka answers at 127.0.0.1:1" in nobody.stderr


async def test_without_a_worker_kafka_still_tells(make_spine: Spines):
    spine = await make_spine().create()
    await spine.send(*(page(url) for url in urls(3)))
    done = once(spine)
    assert done.returncode == 0, done.stderr
    for wanted in (r"in all +3\.0  nothing is being taken in", "start one with: vigie worker", "no worker answers at /metrics"):
        assert re.search(wanted, done.stdout), (wanted, done.stdout)


@contextmanager
def terminal(spine: Spine) -> Iterator[tuple[subprocess.Popen, int]]:
    """`vigie top` in a terminal of 80 columns and 40 lines; the file number to read from what it draws."""
    ours, theirs = pty.openpty()
    environ = spine.environ | {"COLUMNS": "80", "LINES": "40", "TERM": "xterm-256color"}
    process = subprocess.Popen([*TOP, "--every", "0.5"], env=environ, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True)
    os.close(theirs)
    try:
        yield process, ours
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(ours)


def read(number: int, process: subprocess.Popen, wanted: bytes, times: int) -> bytes:
    """Read until something was drawn so often."""
    drawn, deadline = b"", time.monotonic() + 90
    while drawn.count(wanted) < times:
        assert time.monotonic() < deadline, drawn
        assert process.poll() is None, drawn
        drawn += os.read(number, 65536)
    return drawn


def rest(number: int) -> Iterator[bytes]:
    """What is drawn until the process has ended."""
    with suppress(OSError):  # so does Linux say that nobody has the other end
        while drawn := os.read(number, 65536):
            yield drawn


async def test_frame_after_frame_until_it_is_interrupted(running: tuple[Spine, Worker]):
    spine, worker = running
    with terminal(spine) as (process, number):
        drawn = read(number, process, b"Last alerts", 3)
        assert worker.url.encode() in drawn
        process.send_signal(signal.SIGINT)
        left = b"".join(rest(number))
        assert process.wait(30) == 0
        assert b"Traceback" not in left
        assert b"\x1b[?1049l" in left  # the terminal is given back as it was
