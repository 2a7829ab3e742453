"""Settings: environment variables `VIGIE_*`, read once, checked, frozen.

Every setting is declared once below, with its meaning, its default and how it is read; `vigie settings` lists them.
"""

import dataclasses
import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from agents import readers
from agents.readers import SettingsError
from agents.secret import Addresses, Secret
from pipeline.limits import Limits
from pipeline.mapping import FieldMapping

_MIB = 1024 * 1024
_AUTHOR_KEY_CHARS = 16
_UNSET = Secret()  # a field with this default is never shown, and may stand in a file (`VIGIE_..._FILE`)


def _text(value: str) -> str:
    return value


def _number(low: float, high: float, of: type[int] | type[float]) -> Callable[[str], Any]:
    def read(value: str) -> float:
        number = of(value)
        if not low <= number <= high:
            raise ValueError(f"takes a number from {low:g} to {high:g}")
        return number

    return read


def _flag(value: str) -> bool:
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise ValueError("takes true or false")


def _one_of(*names: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in names:
            raise ValueError(f"takes one of {', '.join(names)}")
        return value

    return read


def _setting(default: Any, read: Callable[[str], Any], doc: str) -> Any:
    """Declare a field with its default, its reader and its meaning."""
    return field(default=default, metadata={"read": read, "doc": doc})


def _cores() -> int:
    return len(os.sched_getaffinity(0))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set, with safe defaults: a local broker, loopback only."""

    broker: str = _setting("127.0.0.1:9092", readers.brokers, "Kafka bootstrap servers, host:port[,host:port...]")
    security_protocol: str = _setting(
        "PLAINTEXT", _one_of("PLAINTEXT", "SSL", "SASL_SSL", "SASL_PLAINTEXT"), "how Kafka is spoken to, in Kafka's own words"
    )
    sasl_mechanism: str = _setting(
        "SCRAM-SHA-512", _one_of("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"), "how the password is proved under SASL_SSL"
    )
    sasl_username: str = _setting("", _text, "user name under SASL_SSL")
    sasl_password: Secret = _setting(_UNSET, Secret, "password under SASL_SSL")
    sasl_in_clear: bool = _setting(
        default=False, read=_flag, doc="said a second time: SASL_PLAINTEXT is meant, and the network may see the password"
    )
    tls_ca: str = _setting("", _text, "PEM file with the authorities that sign Kafka's certificates; empty: the system's")
    tls_certificate: str = _setting("", _text, "PEM file with our own certificate, where Kafka asks for one (mTLS)")
    tls_key: str = _setting("", _text, "PEM file with its private key; empty: it stands in the file of the certificate")
    tls_key_password: Secret = _setting(_UNSET, Secret, "password of that private key")
    prefix: str = _setting("", readers.name, "put as it is before the names of topics, the group and the transactional ids")
    group: str = _setting("vigie", readers.name, "consumer group of the workers; another name reprocesses the topic")
    processes: int = _setting(0, _number(0, 1024, int), "processes that enrich pages; 0: one a core")
    web_bind: str = _setting("127.0.0.1", _text, "address of the web server with /metrics and /health")
    web_port: int = _setting(0, _number(0, 65535, int), "port of the web server; 0: any free one, logged as web.listening")
    partitions: int = _setting(
        4, _number(1, 10_000, int), "partitions of a topic that `vigie topics create` makes (watch-rules: 1)"
    )
    replication: int = _setting(1, _number(1, 32, int), "replication factor of a topic that `vigie topics create` makes")
    retention_raw_days: float = _setting(7, _number(0.01, 36_500, float), "days that articles.raw keeps an event")
    retention_days: float = _setting(30, _number(0.01, 36_500, float), "days that the other topics keep an event")
    event_bytes: int = _setting(5 * _MIB, _number(1024, 100 * _MIB, int), "bytes of the largest raw event taken in")
    content_chars: int = _setting(2_000_000, _number(100, 50_000_000, int), "code points of the largest content taken in")
    output_bytes: int = _setting(16 * _MIB, _number(1024, 200 * _MIB, int), "max.message.bytes of the topics that vigie writes")
    raw_fields: str = _setting(
        "",
        readers.fields,
        "fields of raw events in other JSON, such as url=link, content=body, comments=thread; or trafilatura, newspaper",
    )
    detector: str = _setting("vigie", _one_of("vigie", "langdetect"), "language detector")
    stages: tuple[str, ...] = _setting(
        (), readers.stages, "stages of your own: module:function[,...]; they fill each event's `extra`"
    )
    page_timeout: float = _setting(5.0, _number(0.1, 600, float), "seconds of work after which a page is given up")
    process_memory: int = _setting(1024 * _MIB, _number(256 * _MIB, 1 << 40, int), "bytes of private memory a process may use")
    process_tasks: int = _setting(2000, _number(0, 10_000_000, int), "batches after which a process is replaced; 0: never")
    batch_records: int = _setting(500, _number(1, 100_000, int), "most records in a transaction")
    batch_bytes: int = _setting(8 * _MIB, _number(1024, 1 << 30, int), "most bytes of raw events in a transaction")
    batch_seconds: float = _setting(
        0.1, _number(0.001, 60, float), "CPU seconds of work that a transaction aims at; up to 5 times that where pages wait"
    )
    session_timeout: float = _setting(
        10.0, _number(1, 1800, float), "seconds without a heartbeat after which a worker is taken for dead"
    )
    kafka_timeout: float = _setting(30.0, _number(1, 600, float), "seconds that any one answer of Kafka may take")
    stop_timeout: float = _setting(
        8.0, _number(0.1, 600, float), "seconds that the batch in hand has to finish when the worker stops"
    )
    stall_timeout: float = _setting(
        120.0, _number(1, 86_400, float), "seconds with lag and no progress after which the worker ends"
    )
    dead_letter_ratio: float = _setting(
        0.5,
        _number(0.0, 1.0, float),
        "share of failures of our own (internal, timeout, crashed) among the last records past which the worker stops",
    )
    dead_letter_window: int = _setting(1000, _number(10, 1_000_000, int), "records over which that share is taken")
    rules_file: str = _setting("", _text, "TOML file of the watch rules, read again when it changes; empty: the topic watch-rules")
    watch_list: str = _setting("", _text, "file of names to watch, JSON Lines or .csv, read again when it changes; empty: none")
    metric_publishers: tuple[str, ...] = _setting(
        (), readers.publishers, "publishers (names or domains, with commas between) that have metrics of their own, at most 100"
    )
    alertmanager: Addresses = _setting(
        Addresses("http://127.0.0.1:9093"),
        readers.alertmanagers,
        "where `vigie notify` posts alerts: one Alertmanager, or each of a cluster; of http://user:password@host the host is shown",
    )
    alert_ttl: float = _setting(86_400.0, readers.duration, "how long an alert is live after its event: seconds, or such as 24h")
    notify_interval: float = _setting(60.0, readers.duration, "how often a live alert is posted again: seconds, or such as 1m")
    compression: str = _setting("zstd", _one_of("none", "gzip", "snappy", "lz4", "zstd"), "codec of the topics that vigie writes")
    author_key: Secret = _setting(_UNSET, Secret, "at least 16 characters: comments' authors are replaced by a hash under this key")
    source: str = _setting("vigie", _text, "ce_source of the events that vigie writes")
    log_level: str = _setting("info", _one_of("debug", "info", "warning", "error"), "least severe level that is logged")
    log_format: str = _setting("auto", _one_of("auto", "json", "console"), "json, console, or auto (console on a terminal)")
    uvloop: bool = _setting(default=True, read=_flag, doc="use uvloop where it is installed")

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read `VIGIE_*` from a mapping; SettingsError names the first variable that cannot be used, never its value."""
        values: dict[str, Any] = {}
        for each in dataclasses.fields(cls):
            variable = variable_of(each.name)
            hidden = isinstance(each.default, Secret)
            value = readers.secret(variable, environ) if hidden else environ.get(variable)
            if value is not None:
                try:
                    values[each.name] = each.metadata["read"](value if hidden else value.strip())
                except ValueError as error:
                    reason = str(error) if str(error).startswith("takes") else "takes a number"
                    raise SettingsError(f"{variable}: {reason}") from None
        settings = cls(**values)
        settings.check()
        return settings

    def check(self) -> None:
        """Refuse combinations that would lose or refuse events."""
        try:
            ipaddress.ip_address(self.web_bind)
        except ValueError:
            raise SettingsError("VIGIE_WEB_BIND: takes an IP address such as 127.0.0.1") from None
        self._check_connection()
        if self.author_key and len(self.author_key) < _AUTHOR_KEY_CHARS:
            raise SettingsError(f"VIGIE_AUTHOR_KEY: takes at least {_AUTHOR_KEY_CHARS} characters, such as: openssl rand -hex 32")
        if not self.group:
            raise SettingsError("VIGIE_GROUP: takes a name; without one no progress could be committed")
        if self.output_bytes < self.event_bytes + _MIB:
            raise SettingsError("VIGIE_OUTPUT_BYTES: must be at least VIGIE_EVENT_BYTES + 1 MiB, or a dead letter might not fit")
        if self.batch_bytes < self.event_bytes:
            raise SettingsError("VIGIE_BATCH_BYTES: must be at least VIGIE_EVENT_BYTES, or the largest event would never fit")

    def _check_connection(self) -> None:
        """Refuse what would send a password in clear, or look like security that is not there."""
        protocol = self.security_protocol
        for name in ("sasl_username", "sasl_password"):
            if protocol.startswith("SASL_") and not getattr(self, name):
                raise SettingsError(f"{variable_of(name)}: is missing; {protocol} needs it")
            if not protocol.startswith("SASL_") and getattr(self, name):
                message = f"is given, but VIGIE_SECURITY_PROTOCOL={protocol} would not use it; set it to SASL_SSL"
                raise SettingsError(f"{variable_of(name)}: {message}")
        for name in ("tls_ca", "tls_certificate", "tls_key", "tls_key_password"):
            if not protocol.endswith("SSL") and getattr(self, name):
                message = f"is given, but VIGIE_SECURITY_PROTOCOL={protocol} does not encrypt; set it to SSL or SASL_SSL"
                raise SettingsError(f"{variable_of(name)}: {message}")
        if self.tls_key and not self.tls_certificate:
            raise SettingsError("VIGIE_TLS_KEY: is given without VIGIE_TLS_CERTIFICATE; give both")
        if protocol == "SASL_PLAINTEXT" and not self.sasl_in_clear:
            raise SettingsError(
                "VIGIE_SECURITY_PROTOCOL: SASL_PLAINTEXT lets whoever is on the network see the password, or guess at it, and "
                "read every event; set SASL_SSL, or, where that is meant, VIGIE_SASL_IN_CLEAR=true as well"
            )

    def topic(self, name: str) -> str:
        """Full name of a topic."""
        return self.prefix + name

    @property
    def mapping(self) -> FieldMapping:
        """How raw events in other JSON are read."""
        return FieldMapping.parse(self.raw_fields)

    @property
    def full_group(self) -> str:
        """Full name of the consumer group."""
        return self.prefix + self.group

    @property
    def authenticated(self) -> bool:
        """Whether Kafka knows us by a name, to which rights are granted."""
        return bool(self.sasl_username or self.tls_certificate)

    @property
    def slots(self) -> int:
        """How many processes enrich pages."""
        return self.processes or _cores()

    @property
    def limits(self) -> Limits:
        """What the codec takes in and gives out; room is left for keys, headers and framing of an output."""
        return Limits(event_bytes=self.event_bytes, content_chars=self.content_chars, output_bytes=self.output_bytes - 64 * 1024)


def variable_of(name: str) -> str:
    """Environment variable of a field: `web_port` -> `VIGIE_WEB_PORT`."""
    return "VIGIE_" + {"detector": "language_detector"}.get(name, name).upper()


def variables() -> list[str]:
    """Name every variable that is read."""
    names = []
    for each in dataclasses.fields(Settings):
        names.append(variable_of(each.name))
        if isinstance(each.default, Secret):
            names.append(f"{variable_of(each.name)}_FILE")
    return names


def describe(settings: Settings) -> list[dict[str, Any]]:
    """List every setting: `variable`, `value`, `default`, `doc`. Of a secret, whether it is set."""
    return [
        {
            "variable": variable_of(each.name),
            "value": _shown(getattr(settings, each.name)),
            "default": _shown(each.default),
            "doc": each.metadata["doc"] + _file(each),
        }
        for each in dataclasses.fields(Settings)
    ]


def _shown(value: Any) -> Any:
    """As it would be written in the environment; of a secret, whether it is set."""
    if isinstance(value, Secret):
        return repr(value)
    return ",".join(value) if isinstance(value, tuple) else value


def _file(each: "dataclasses.Field[Any]") -> str:
    return f"; or a file: {variable_of(each.name)}_FILE" if isinstance(each.default, Secret) else ""
