"""The address of a page that was read from a file, and how it is shown."""

from urllib.parse import quote, unquote

_NOWHERE = "https://file.invalid/"  # a name that nobody can have (RFC 2606): events need a URL, such a page has none


def made_up(place: str) -> str:
    """URL for a page without one, from where its file stands."""
    return _NOWHERE + quote(place, errors="replace")


def is_made_up(url: str) -> bool:
    """Whether a URL leads nowhere."""
    return url.startswith(_NOWHERE)


def readable(url: str) -> str:
    """The URL as people read it: for one that was made up, the file."""
    return unquote(url.removeprefix(_NOWHERE)) if is_made_up(url) else url
