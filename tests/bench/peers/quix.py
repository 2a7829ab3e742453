"""process() under Quix Streams: `exactly-once` or `at-least-once` as the first argument."""

import sys
from typing import Any

from quixstreams import Application
from quixstreams.models import Serializer

from tests.bench.peers import ours

COMMIT_SECONDS = 0.5  # 5 as shipped: a reader of committed records would see nothing in between


class _Value(Serializer):
    """The bytes of an output as they are."""

    def __call__(self, value: Any, **_: Any) -> bytes:
        return value.value


def work(value: bytes, _key: bytes, timestamp: int, headers: Any) -> list[Any]:
    return list(ours.outputs(value, headers or (), timestamp))


def main() -> None:
    app = Application(
        ours.SETTINGS.broker, consumer_group=ours.GROUP, auto_offset_reset="earliest", commit_interval=COMMIT_SECONDS,
        processing_guarantee=sys.argv[1], auto_create_topics=False, use_changelog_topics=False, state_dir=ours.FOLDER,
        producer_extra_config={"message.max.bytes": ours.SETTINGS.output_bytes},
    )  # fmt: skip
    raw = app.topic(ours.SETTINGS.topic("articles.raw"), value_deserializer="bytes", key_deserializer="bytes")
    names = ("articles.enriched", "comments.enriched", "alerts")
    topics = {name: app.topic(ours.SETTINGS.topic(name), value_serializer=_Value(), key_serializer="bytes") for name in names}
    (
        app.dataframe(raw)
        .apply(work, expand=True, metadata=True)
        .set_headers(lambda value, _key, _timestamp, _headers: list(value.headers))
        .to_topic(lambda value, _key, _timestamp, _headers: topics[value.topic], key=lambda value: value.key)
    )
    app.run()


main()
