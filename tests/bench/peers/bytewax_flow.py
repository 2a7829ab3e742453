"""process() under Bytewax, with recovery: run by `python -m bytewax.run`."""

from collections.abc import Iterator
from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSinkMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow

from tests.bench.peers import ours


def work(record: Any) -> Iterator[KafkaSinkMessage[bytes | None, bytes | None]]:
    milliseconds = record.timestamp[1]
    for output in ours.outputs(record.value, tuple(record.headers), milliseconds):
        yield KafkaSinkMessage(output.key, output.value, topic=ours.topic(output), headers=list(output.headers))


flow = Dataflow("bench")
brokers = [ours.SETTINGS.broker]
# A thousand records, as shipped, would be enriched before the first is written.
pages = kop.input("raw", flow, brokers=brokers, topics=[ours.SETTINGS.topic("articles.raw")], batch_size=10)
events = op.flat_map("process", pages.oks, work)
kop.output("out", events, brokers=brokers, topic=ours.SETTINGS.topic("articles.enriched"))
