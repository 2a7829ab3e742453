"""The files that the tagger is shipped with: compressed messages, packed by a tool and read here."""

import zlib
from dataclasses import dataclass
from importlib.resources import files
from typing import Generic, TypeVar

import msgspec

from pipeline.errors import InvalidModel


class Artefact(msgspec.Struct, frozen=True, kw_only=True):
    """What every such file holds before compression."""

    version: int


Content = TypeVar("Content", bound=Artefact)


def pack(artefact: Artefact) -> bytes:
    """The file for a message; the same message gives the same bytes."""
    return zlib.compress(msgspec.msgpack.encode(artefact), 9)


@dataclass(frozen=True)
class Shipped(Generic[Content]):
    """A file of pipeline/entities, what it holds, and the script that builds it."""

    name: str
    content: type[Content]
    tool: str

    def unpack(self, packed: bytes, version: int, **wanted: int) -> Content:
        """Read what `pack` wrote; InvalidModel if it is damaged, of another version, or has another number in a `wanted` field."""
        try:
            artefact = msgspec.msgpack.decode(zlib.decompress(packed), type=self.content)
        except (zlib.error, msgspec.DecodeError) as error:
            raise InvalidModel(f"pipeline/entities/{self.name} is damaged ({error}); build it with {self.tool}") from error
        if artefact.version != version or any(getattr(artefact, name) != number for name, number in wanted.items()):
            message = f"has version {artefact.version}, wanted {version}; build it with {self.tool}"
            raise InvalidModel(f"pipeline/entities/{self.name} {message}")
        return artefact

    def read(self) -> bytes:
        """The file that is shipped; InvalidModel where it is missing."""
        source = files(__package__ or "pipeline.entities").joinpath(self.name)
        if not source.is_file():
            raise InvalidModel(f"pipeline/entities/{self.name} is missing; build it with {self.tool}")
        return source.read_bytes()
