"""JSON Lines in, JSON Lines out: one answer per input line, in order, flushed as read; a refused line never stops the rest."""

import codecs
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, Never, Protocol, TypeVar, cast

import msgspec
import orjson
import typer

from agents.cli.context import fail
from agents.parts import parts
from pipeline.errors import InvalidEvent, Reason, StageFailed
from pipeline.limits import Limits

Answer = Callable[[bytes], Any]
Read = TypeVar("Read")
Made = TypeVar("Made")
_TOGETHER, _BYTES = 64, 1 << 16  # lines, and bytes of them, that are answered at once
_PAGES = frozenset((".html", ".htm", ".xhtml", ".txt"))


class _Identified(msgspec.Struct):
    """The one field of a line that is given back as it came."""

    id: msgspec.Raw = msgspec.Raw(b"null")


_identified = msgspec.json.Decoder(_Identified)


class _Refused(NamedTuple):
    """What is answered to a line that cannot be."""

    answer: dict[str, Any]


def answer_lines(files: Iterable[Path], limits: Limits, answer: Answer) -> None:
    """Answer each line of the files (standard input when there are none); exits 1 when a file cannot be read.

    A line that `answer` refuses gives its id and the reason; so does a blank line (reason: empty), because every line is answered.
    """
    for lines in _lines(files, 4 * limits.event_bytes):
        for line in lines:
            _write(_answered(line, partial(answer, line)))


def answer_together(
    files: Iterable[Path], limits: Limits, read: Callable[[bytes], Read], answer: Callable[[Sequence[Read]], Sequence[Any]]
) -> None:
    """The same where answers cost less together: of the lines that are there without waiting some are answered at once.

    `read` takes a line or refuses it, `answer` answers what was read; where that fails, each is answered alone.
    """
    for lines in _lines(files, 4 * limits.event_bytes):
        for some in parts(lines, _TOGETHER, _BYTES, len):
            given = [_answered(line, partial(read, line)) for line in some]
            taken = [(line, each) for line, each in zip(some, given, strict=True) if not isinstance(each, _Refused)]
            try:
                answers = iter(answer([each for _, each in taken]))
            except Exception:  # noqa: BLE001 - a fault of ours on one line must not stop the others
                answers = iter([_answered(line, partial(_alone, answer, each)) for line, each in taken])
            for each in given:
                _write(each if isinstance(each, _Refused) else next(answers))


def _alone(answer: Callable[[Sequence[Read]], Sequence[Any]], given: Read) -> Any:
    return answer([given])[0]


def _answered(line: bytes, work: Callable[[], Made]) -> Made | _Refused:
    """What is made of a line, or why nothing is."""
    try:
        return work()
    except InvalidEvent as error:
        return _Refused(_refusal(line, error.reason, error.message))
    except StageFailed as error:
        return _Refused(_refusal(line, Reason.INTERNAL, error.message))
    except Exception as error:  # noqa: BLE001 - a fault of ours on one line must not stop the others
        message = f"{type(error).__name__} while the line was processed; please report it to vigie's developers"
        return _Refused(_refusal(line, Reason.INTERNAL, message))


def _write(answer: Any) -> None:
    write_json(answer.answer if isinstance(answer, _Refused) else answer)


def _refusal(line: bytes, reason: Reason, message: str) -> dict[str, Any]:
    return {"id": id_of(line), "error": {"reason": reason.value, "message": message}}


def id_of(line: bytes) -> orjson.Fragment:
    """Return the id of a line as it stands there, a number of thirty digits or an object included; null where none can be read."""
    body = line.removeprefix(codecs.BOM_UTF8)
    try:
        found = bytes(_identified.decode(body).id)
        found.decode()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = _id_beside_surrogates(body)
    return orjson.Fragment(found.translate(None, b"\r\t"))  # white space between values: an answer stays one plain line


def _id_beside_surrogates(body: bytes) -> bytes:
    """Return the id of a line that the standard library alone can read: one with half of a surrogate pair in it."""
    try:
        value = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return b"null"
    return json.dumps(value.get("id") if isinstance(value, dict) else None).encode()


def _no_constant(name: str) -> Never:
    raise ValueError(f"{name} is no JSON")


def write_json(value: Any) -> None:
    """Write a value (structs, dates and bytes of JSON included) as one line of standard output, and flush it."""
    out = sys.stdout.buffer
    out.write(value if isinstance(value, bytes) else orjson.dumps(value, default=msgspec.to_builtins))
    out.write(b"\n")
    out.flush()


def read_fields(line: bytes, limits: Limits, *required: str) -> dict[str, Any]:
    """Read a line as an object with `required` text fields; InvalidEvent in the order of the closed reasons."""
    from pipeline.jsontext import load, type_name

    if not line.strip():
        raise InvalidEvent(Reason.EMPTY, f"the line is blank; give a JSON object with {', '.join(required)}")
    value = load(line, limits)
    if not isinstance(value, dict):
        raise InvalidEvent(Reason.NOT_OBJECT, f"the line is {type_name(value)}; give a JSON object with {', '.join(required)}")
    for name in required:
        if isinstance(value.get(name), str) and len(value[name]) > limits.content_chars:
            message = f"`{name}` has {len(value[name]):,} characters, {limits.content_chars:,} are allowed"
            raise InvalidEvent(Reason.TOO_LARGE, message)
        if name not in value:
            raise InvalidEvent(Reason.MISSING_FIELD, f"`{name}` is missing; give it as text")
        optional_text(value, name)
        if value[name] is None:
            raise InvalidEvent(Reason.WRONG_TYPE, f"`{name}` is null; give it as text")
    return value


def optional_text(fields: dict[str, Any], name: str) -> str | None:
    """Return a field that is text, null or absent; InvalidEvent (wrong_type) for anything else."""
    from pipeline.jsontext import type_name

    value = fields.get(name)
    if value is None or isinstance(value, str):
        return value
    raise InvalidEvent(Reason.WRONG_TYPE, f"`{name}` is {type_name(value)}; give it as text")


def _lines(files: Iterable[Path], longest: int) -> Iterator[list[bytes]]:
    """The lines of files, as many at a time as are there without waiting."""
    given = False
    for path in files:
        given = True
        if str(path) == "-":
            yield from ready_lines(_standard_input(), longest)
            continue
        if path.suffix in _PAGES:
            typer.echo(
                f"vigie: {path} is named like a page; this reads JSON Lines. For a page: vigie inspect {path} --json", err=True
            )
        try:
            with path.open("rb") as source:
                yield from ready_lines(source, longest)
        except OSError as error:
            fail(f"{path}: {error.strerror}; name a file that can be read, or - for standard input")
    if not given:
        yield from ready_lines(_standard_input(), longest)


class Source(Protocol):
    """What can give the bytes that are there without waiting for more."""

    def read1(self, size: int, /) -> bytes:
        """Read at most so many bytes, none at the end."""
        ...


def _standard_input() -> Source:
    if sys.stdin.isatty():
        typer.echo("vigie: reading JSON Lines from the terminal; Ctrl-D ends them, --help shows an example", err=True)
    return cast(Source, sys.stdin.buffer)


def ready_lines(source: Source, longest: int) -> Iterator[list[bytes]]:
    """The lines of `split_lines`, as many at a time as are there without waiting."""
    held, size = [b""], 0  # the pieces of the line that has not ended yet
    while chunk := source.read1(1 << 16):
        lines = []
        for place, piece in enumerate(chunk.split(b"\n")):
            if place:
                lines.append(b"".join(held).rstrip(b"\r"))
                held, size = [], 0
            held.append(piece[: longest - size])
            size += len(held[-1])
        if lines:
            yield lines
    if size:
        yield [b"".join(held).rstrip(b"\r")]


def split_lines(source: Source, longest: int) -> Iterator[bytes]:
    """Split into lines, without their ends; of one longer than `longest`, which is refused anyway, the rest is not kept."""
    return chain.from_iterable(ready_lines(source, longest))
