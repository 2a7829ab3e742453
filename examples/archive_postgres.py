"""Keep vigie's events in PostgreSQL: a table each for articles, comments and alerts, always as they were emitted last.

    pip install "aiokafka[lz4,snappy,zstd]" "psycopg[binary]" orjson
    python examples/archive_postgres.py 127.0.0.1:9092 postgresql://127.0.0.1/media    # and the topics' prefix, if they have one

Rows are written before offsets are committed, so an archive that is killed reads some events again; ids are the same after a
replay and when a page is crawled again, so these change nothing. An older version of a page (a replay) does not replace a newer
one. Comments hold readers' words and names: decide how long you keep them. To erase one: DELETE FROM comments WHERE id = '...'.
"""

import asyncio
import re
import signal
import sys
from collections.abc import Iterable
from typing import Any, LiteralString

import orjson
import psycopg
from aiokafka import AIOKafkaConsumer
from psycopg.types.json import Jsonb

_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")  # which PostgreSQL holds in no text: the replacement character takes its place
TABLES: LiteralString = """
CREATE TABLE IF NOT EXISTS articles (
    id text PRIMARY KEY, url text NOT NULL, headline text, language text, publisher text,
    published_at timestamptz, seen_at timestamptz, event jsonb NOT NULL);
CREATE TABLE IF NOT EXISTS comments (
    id text PRIMARY KEY, article_id text NOT NULL, position integer NOT NULL, author text, language text,
    published_at timestamptz, seen_at timestamptz, text text NOT NULL, event jsonb NOT NULL);
CREATE TABLE IF NOT EXISTS alerts (
    id text PRIMARY KEY, article_id text NOT NULL, rule text NOT NULL, severity text NOT NULL,
    seen_at timestamptz, event jsonb NOT NULL);
CREATE INDEX IF NOT EXISTS comments_article ON comments (article_id);
"""
UPSERTS: dict[str, LiteralString] = {
    "articles.enriched": """
        INSERT INTO articles AS old (id, url, headline, language, publisher, published_at, seen_at, event)
        VALUES (%(id)s, %(url)s, %(headline)s, %(language)s, %(publisher)s, %(published_at)s, %(seen_at)s, %(event)s)
        ON CONFLICT (id) DO UPDATE SET (url, headline, language, publisher, published_at, seen_at, event) =
            (excluded.url, excluded.headline, excluded.language, excluded.publisher, excluded.published_at, excluded.seen_at,
             excluded.event)
        WHERE old.seen_at <= excluded.seen_at""",
    "comments.enriched": """
        INSERT INTO comments AS old (id, article_id, position, author, language, published_at, seen_at, text, event)
        VALUES (%(id)s, %(article_id)s, %(position)s, %(author)s, %(language)s, %(published_at)s, %(seen_at)s, %(text)s, %(event)s)
        ON CONFLICT (id) DO UPDATE SET (article_id, position, author, language, published_at, seen_at, text, event) =
            (excluded.article_id, excluded.position, excluded.author, excluded.language, excluded.published_at, excluded.seen_at,
             excluded.text, excluded.event)
        WHERE old.seen_at <= excluded.seen_at""",
    "alerts": """
        INSERT INTO alerts AS old (id, article_id, rule, severity, seen_at, event)
        VALUES (%(id)s, %(article_id)s, %(rule)s, %(severity)s, %(seen_at)s, %(event)s)
        ON CONFLICT (id) DO UPDATE SET (article_id, rule, severity, seen_at, event) =
            (excluded.article_id, excluded.rule, excluded.severity, excluded.seen_at, excluded.event)
        WHERE old.seen_at <= excluded.seen_at""",
}


def row(value: bytes, seen_at: str) -> dict[str, Any]:
    """The columns of an event, whatever its kind; fields that later versions add are kept in `event`."""
    event: dict[str, Any] = orjson.loads(_NUL.sub(rb"\1\\ufffd", value))
    return {
        **{name: event.get(name) for name in ("id", "url", "headline", "article_id", "position", "text", "published_at")},
        "seen_at": seen_at,
        "language": (event.get("language") or {}).get("tag"),
        "author": (event.get("author") or {}).get("name") if isinstance(event.get("author"), dict) else event.get("author"),
        "publisher": (event.get("publisher") or {}).get("name"),
        "rule": (event.get("rule") or {}).get("id"),
        "severity": (event.get("rule") or {}).get("severity"),
        "event": Jsonb(event, dumps=lambda each: orjson.dumps(each).decode()),
    }


async def archive(consumer: AIOKafkaConsumer, database: psycopg.AsyncConnection[Any], prefix: str) -> None:
    """Write what comes, batch by batch, until cancelled: rows first, then offsets."""
    while True:
        batches = await consumer.getmany(timeout_ms=1000, max_records=1000)
        if not batches:
            continue
        async with database.transaction(), database.cursor() as cursor:
            for partition, records in batches.items():
                await cursor.executemany(UPSERTS[partition.topic.removeprefix(prefix)], rows(records))
        await consumer.commit()


def rows(records: Iterable[Any]) -> list[dict[str, Any]]:
    """The rows of records. `ce_time` is when the page was fetched."""
    return [row(record.value, dict(record.headers)["ce_time"].decode()) for record in records]


async def main(broker: str, url: str, prefix: str = "") -> None:
    """Archive until SIGTERM or Ctrl-C."""
    consumer = AIOKafkaConsumer(
        *(prefix + name for name in UPSERTS), bootstrap_servers=broker, group_id=f"{prefix}archive-postgres",
        isolation_level="read_committed", enable_auto_commit=False, auto_offset_reset="earliest",
    )  # fmt: skip
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as database, consumer:
        await database.execute(TABLES)
        task = asyncio.create_task(archive(consumer, database, prefix))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()  # raises what ended it: whoever runs this starts it again, and it goes on from the last commit


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
