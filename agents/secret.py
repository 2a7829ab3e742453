"""Texts that must not be seen: passwords and keys, which no log, error, table or representation may show."""

from urllib.parse import urlsplit


class Secret:
    """A text that is shown as `(set)` or `(not set)` wherever it is printed; `reveal()` gives it to the one who needs it."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself, for a client or a cipher, never for a message."""
        return self._text

    def __repr__(self) -> str:
        return "(set)" if self._text else "(not set)"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __len__(self) -> int:
        return len(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


class Addresses(Secret):
    """URLs with commas between, which are shown without the users and passwords that they may hold."""

    __slots__ = ()

    @property
    def urls(self) -> list[str]:
        """Each as it was given."""
        return self.reveal().split(",")

    def __repr__(self) -> str:
        return ",".join(map(without_user, self.urls))


def without_user(url: str) -> str:
    """Leave out of a URL what stands before the @ of its host."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
