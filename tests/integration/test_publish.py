"""`vigie publish` of whole crawls on a real broker: archives, other JSON, a bounded rate, a run broken off and taken up again."""

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import orjson
import pytest

from agents.broker import LocalBroker
from tests.fixtures.commands import Vigie, objects
from tests.fixtures.kafka import Spines
from tests.fixtures.reader import until
from tests.fixtures.spine import Spine, page, urls
from tests.fixtures.warc import response

pytestmark = pytest.mark.broker

LARGE = "x" * 7_000_000
THEIRS = {"link": "https://a.example/theirs", "article": {"body": "Le texte.", "title": "Titre"}}


def test_an_archive_with_a_report_of_what_was_refused(vigie: Vigie, kafka: LocalBroker, tmp_path: Path, prefix: str):
    (tmp_path / "crawl.warc").write_bytes(
        b"".join(
            (
                response("https://a.example/1", "<p>Été</p>".encode()),
                response("https://a.example/large", f"<p>{LARGE}</p>".encode()),
                response("https://a.example/picture", b"x", kind="image/png"),
                response("ftp://a.example/", b"<p>x</p>"),
                response("https://a.example/2", b"<p>Deux</p>"),
            )
        )
    )
    report = tmp_path / "refused.jsonl"
    result = vigie("publish", str(tmp_path / "crawl.warc"), "--report", str(report), "--json")
    assert result.exit_code == 1
    assert orjson.loads(result.stdout) == {
        "topic": f"{prefix}articles.raw", "published": 2, "refused": 2, "skipped": 1, "earlier": 0,
        "reasons": {"too_large": 1, "bad_url": 1},
    }  # fmt: skip
    rows = [orjson.loads(line) for line in report.read_bytes().splitlines()]
    assert {row["where"].rpartition("#")[2]: row["reason"] for row in rows} == {"2": "too_large", "4": "bad_url"}
    assert [line.partition(": ")[0] for line in result.stderr.splitlines()] == ["vigie"] * 2
    found = objects(vigie("tail", "articles.raw", "--from", "earliest", "--max", "2", "--json"))
    assert {each["key"]: each["value"]["content"] for each in found} == {
        "https://a.example/1": "<p>Été</p>",
        "https://a.example/2": "<p>Deux</p>",
    }


def came_to(state: Path, lines: Path) -> int:
    return int(orjson.loads(state.read_bytes())["files"][str(lines)]["events"])


async def test_a_run_that_was_killed_goes_on_where_it_was(make_spine: Spines, tmp_path: Path):
    """What was under way when it was killed is sent again; nothing is left out, and what was delivered is not sent again."""
    spine = await make_spine().create()
    lines, state = tmp_path / "crawl.jsonl", tmp_path / "state"
    wanted = urls(3000)
    lines.write_bytes(b"\n".join(page(url) for url in wanted))
    command = ("-m", "agents", "publish", str(lines), "--resume", str(state), "--rate")
    first = spine.worker(command=(*command, "400"))
    await until(lambda: state.exists() and came_to(state, lines) > 400, "some are sent")
    assert first.running
    first.process.send_signal(signal.SIGKILL)
    await first.ended()
    done = came_to(state, lines)
    assert done < len(wanted), "at 400 a second the file takes 7.5 s"
    second = spine.worker(command=(*command, "100000"))
    assert await second.ended(60) == 0, second.said
    assert f"{done} were published earlier" in second.said
    third = spine.worker(command=(*command, "100000", "--json"))
    assert await third.ended(60) == 0, third.said
    assert orjson.loads(third.said)["published"] == 0
    async with spine.reader("articles.raw") as reader:
        await reader.until(lambda _: len(reader.records["articles.raw"]) >= len(wanted), "every page")
        await reader.rest()
        times = Counter(record.key.decode() for record in reader.records["articles.raw"])
    assert times.keys() == set(wanted)
    assert {url for url, count in times.items() if count > 1} <= set(wanted[done : done + 1000])


async def test_a_crawler_that_need_not_change(make_spine: Spines):
    """Its JSON lies on the topic as it writes it; the worker reads it by VIGIE_RAW_FIELDS."""
    spine = await make_spine(VIGIE_RAW_FIELDS="url=link, content=article.body, headline=article.title").create()
    await spine.send(orjson.dumps(THEIRS), page("https://a.example/ours"), orjson.dumps({"link": "x"}))
    worker = await spine.worker().ready()
    async with spine.reader() as reader:
        await reader.until(lambda _: len(reader.records["articles.enriched"]) == 2, "both articles")
        await reader.until(lambda _: len(reader.records["articles.dead-letter"]) == 1, "the dead letter")
        assert {each["url"]: each["headline"] for each in reader.events("articles.enriched")} == {
            "https://a.example/theirs": "Titre",
            "https://a.example/ours": "Visite",
        }
        assert dict(reader.records["articles.dead-letter"][0].headers)["vigie.reason"] == b"missing_field"
    assert await worker.stop() == 0


def from_a_pipe(spine: Spine) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "agents", "publish", "-", "--json"]
    return subprocess.Popen(command, env=spine.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


async def test_a_line_from_a_pipe_is_sent_before_the_next_one_comes(make_spine: Spines):
    spine = await make_spine().create()
    with from_a_pipe(spine) as process:
        async with spine.reader("articles.raw") as reader:
            for number, url in enumerate(urls(3), 1):
                process.stdin.write(page(url) + b"\n")
                process.stdin.flush()
                await reader.until(lambda _, number=number: len(reader.records["articles.raw"]) == number, "the line is there")
        assert process.poll() is None
        told, _ = process.communicate(timeout=30)
    assert (process.returncode, orjson.loads(told)["published"]) == (0, 3)
