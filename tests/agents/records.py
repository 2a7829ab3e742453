"""Records as a consumer gives them."""

from dataclasses import dataclass, field


@dataclass
class Raw:
    """A record of articles.raw."""

    offset: int
    value: bytes | None
    key: bytes | None = b"key"
    headers: tuple[tuple[str, bytes | None], ...] = ()
    topic: str = "articles.raw"
    partition: int = 0
    timestamp: int = field(default=1_760_000_000_000)


def record(offset: int, value: bytes | None = b"", **fields: object) -> Raw:
    return Raw(offset, value, **fields)
