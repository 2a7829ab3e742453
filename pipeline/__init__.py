"""The core: bytes in, events out; no Kafka, no environment, no clock of its own."""
