"""process() under FastStream, an event at a time, acknowledged once its outputs are delivered."""

import asyncio
from typing import Any

from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker

from tests.bench.peers import ours

broker = KafkaBroker(ours.SETTINGS.broker, max_request_size=ours.SETTINGS.output_bytes)


async def undecoded(message: Any) -> Any:
    return message.raw_message


@broker.subscriber(
    ours.SETTINGS.topic("articles.raw"), group_id=ours.GROUP, auto_offset_reset="earliest", ack_policy=AckPolicy.NACK_ON_ERROR,
    decoder=undecoded,
)  # fmt: skip
async def enrich(record: Any) -> None:
    sent = [
        broker.publish(
            output.value, ours.topic(output), key=output.key,
            headers={name: (value or b"").decode() for name, value in output.headers},
        )
        for output in ours.outputs(record.value, record.headers, record.timestamp)
    ]  # fmt: skip
    await asyncio.gather(*sent)


asyncio.run(FastStream(broker).run())
