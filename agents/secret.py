"""Texts that must not be seen: passwords and keys, which no log, error, table or representation may show."""


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
