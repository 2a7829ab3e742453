"""How large an event may be, in and out."""

import msgspec

_MIB = 1024 * 1024


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds that the codec keeps. Bytes of an event in, code points of its content, levels of nesting, bytes of an event out.

    `output_bytes` leaves 64 KiB of the topics' 16 MiB to headers, key and framing.
    """

    event_bytes: int = 5 * _MIB
    content_chars: int = 2_000_000
    depth: int = 64
    output_bytes: int = 16 * _MIB - 64 * 1024


DEFAULT_LIMITS = Limits()
