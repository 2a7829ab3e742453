"""What consumers and the pool's processes both know of a batch that was not unpacked (agents/unpack.py)."""

MOST_BYTES = 128 << 20  # 20 times the largest packed batch that articles.raw takes as `vigie topics create` makes it
HEADER = "vigie.batch"


def describe(codec: str, records: int) -> bytes:
    """The value of HEADER."""
    return f"{codec} {records}".encode()


def message(described: bytes) -> str:
    """What its dead letter says."""
    codec, _, count = described.decode("ascii", "replace").partition(" ")
    return f"a {codec} batch of {count} records unpacks to more than {MOST_BYTES >> 20} MiB; publish it in smaller batches"
