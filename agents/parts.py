"""Cutting what waits into parts that are worked on at once."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")


def parts(items: Sequence[Item], most: int, size: float, weigh: Callable[[Item], int]) -> Iterator[Sequence[Item]]:
    """Cut into parts, in order: of at most `most` items, which weigh at most `size` together unless it is one item."""
    start = held = 0
    for place, item in enumerate(items):
        own = weigh(item)
        if place > start and (held + own > size or place - start == most):
            yield items[start:place]
            start, held = place, 0
        held += own
    if start < len(items):
        yield items[start:]


def size_of(record: Any) -> int:
    """Bytes of a record's value."""
    return len(record.value or b"")
