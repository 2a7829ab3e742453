"""How the values of single settings are read; ValueError says what one takes, in words that begin so."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from agents.secret import Addresses
from pipeline.mapping import FieldMapping

_MAX_PUBLISHERS = 100
_LONGEST = 30 * 86_400.0  # seconds: as long as the topic alerts keeps an event


class SettingsError(Exception):
    """A setting that cannot be used; the message names the variable and what it takes."""


def _each(pattern: str, complaint: str) -> Callable[[str], str]:
    """Read a list with commas between, each part of which a pattern matches; gives it without spaces."""

    def read(value: str) -> str:
        if not all(re.fullmatch(pattern, part.strip()) for part in value.split(",")):
            raise ValueError(complaint)
        return value.replace(" ", "")

    return read


brokers = _each(r"(?:[\w.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}", "takes a list such as 127.0.0.1:9092,kafka-2:9092")
_urls = _each(r"https?://[^/\s]+(?:/\S*)?", "takes addresses such as http://127.0.0.1:9093, with commas between")


def alertmanagers(value: str) -> Addresses:
    """Read the addresses of a cluster of Alertmanagers; a user and password stand before the host, as in user:password@host."""
    addresses = _urls(value.strip())
    if not all(map(_clear, addresses.split(","))):
        raise ValueError("takes addresses whose passwords have / ? # @ and , written as % and two hex digits")
    return Addresses(addresses)


def _clear(url: str) -> bool:
    """Whether a URL tells where its password ends and its host begins."""
    parts = urlsplit(url)
    try:
        return parts.port != 0 and "@" not in url.removeprefix(f"{parts.scheme}://{parts.netloc}") and parts.netloc.count("@") <= 1
    except ValueError:  # no port: a password that holds a slash
        return False


def fields(value: str) -> str:
    """Which fields of raw events are which of ours: rules of pipeline.mapping, or the name of a preset."""
    FieldMapping.parse(value)
    return value


def name(value: str) -> str:
    """Part of a name of a topic, group or transactional id."""
    if not re.fullmatch(r"[A-Za-z0-9._-]{0,100}", value):
        raise ValueError("takes at most 100 letters, digits, '.', '_' and '-'")
    return value


def duration(value: str) -> float:
    """Seconds, from 1 to 30 days."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", value)
    seconds = float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}[found[2]] if found else 0.0
    if not 1 <= seconds <= _LONGEST:
        raise ValueError("takes seconds, or a number with s, m, h or d behind it, such as 24h; from 1 s to 30 d")
    return seconds


def publishers(value: str) -> tuple[str, ...]:
    """Names or domains, each once."""
    names = tuple(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
    if len(names) > _MAX_PUBLISHERS or any(name == "other" or not name.isprintable() for name in names):
        raise ValueError(f"takes at most {_MAX_PUBLISHERS} names or domains, with commas between")
    return names


def stages(value: str) -> tuple[str, ...]:
    """Names of functions, in order and each once."""
    names = tuple(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
    if not all(re.fullmatch(r"\w+(?:\.\w+)*:[A-Za-z]\w*", name) for name in names):
        raise ValueError("takes a list of module:function, with commas between")
    return names


def secret(variable: str, environ: Mapping[str, str]) -> str | None:
    """Read a secret from its variable, or from the file that `<variable>_FILE` names, without the line feed at its end."""
    path = environ.get(f"{variable}_FILE", "")
    if not path:
        return environ.get(variable)
    if environ.get(variable):
        raise SettingsError(f"{variable}_FILE: {variable} is given as well; keep one of them")
    try:
        return Path(path).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsError(f"{variable}_FILE: {path} cannot be read ({cause})") from None
