"""A real Kafka without Docker: one KRaft node from Maven Central's jars, for development, tests and the demo."""

from collections.abc import Mapping
from pathlib import Path

from agents.broker.cluster import LocalCluster
from agents.broker.errors import BrokerError
from agents.broker.local import PORT, LocalBroker, Status

__all__ = ["BrokerError", "LocalBroker", "LocalCluster", "PORT", "Status", "default_home", "local_port"]

_CHECKOUT = Path(__file__).resolve().parents[2]


def default_home(environ: Mapping[str, str]) -> Path:
    """Where the jars and the broker's data go: VIGIE_HOME, else the checkout's .vigie, else the user's cache folder."""
    if home := environ.get("VIGIE_HOME"):
        return Path(home).expanduser().absolute()
    if (_CHECKOUT / "pyproject.toml").is_file() and (_CHECKOUT / "pipeline").is_dir():
        return _CHECKOUT / ".vigie"
    cache = environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "vigie"


def local_port(brokers: str) -> int:
    """Port of the local broker that VIGIE_BROKER (host:port, by comma) names; BrokerError when it names another machine's Kafka."""
    ports = []
    for each in brokers.split(","):
        host, _, port = each.strip().rpartition(":")
        if host not in {"127.0.0.1", "localhost"}:
            raise BrokerError(
                f"VIGIE_BROKER={brokers} points vigie at another Kafka, so there is no local one to manage.\n"
                "To use a local one, unset it: unset VIGIE_BROKER"
            )
        ports.append(int(port) if port.isdecimal() else PORT)
    return ports[0]
