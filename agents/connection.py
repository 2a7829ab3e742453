"""How Kafka is reached: the one place where settings become what a client of aiokafka, or Faust, connects with.

aiokafka leaves the TLS context to its caller, and Faust takes SASL without one for SASL_PLAINTEXT: both are given one here
whenever the protocol says so, and never otherwise.
"""

import asyncio
import ssl
from typing import Any

from aiokafka.conn import create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from agents.readers import SettingsError
from agents.settings import Settings

_PROBE_SECONDS = 5.0
_REFUSED = (AuthenticationFailedError, SaslAuthenticationFailed, IllegalSaslStateError)


def options(settings: Settings) -> dict[str, Any]:
    """Arguments that every client takes: where Kafka is, how the connection is secured. SettingsError for files that do not do."""
    return {"bootstrap_servers": settings.broker, **security(settings)}


def security(settings: Settings) -> dict[str, Any]:
    """Arguments that secure a connection: protocol, TLS context, user and password."""
    protocol = settings.security_protocol
    found: dict[str, Any] = {"security_protocol": protocol}
    if protocol.endswith("SSL"):
        found["ssl_context"] = _tls(settings)
    if protocol.startswith("SASL_"):
        found["sasl_mechanism"] = settings.sasl_mechanism
        found["sasl_plain_username"] = settings.sasl_username
        found["sasl_plain_password"] = settings.sasl_password.reveal()
    return found


def _tls(settings: Settings) -> ssl.SSLContext:
    """Make a TLS context: 1.2 at least, certificate and host name of the broker verified; there is no way to leave that out."""
    try:
        context = ssl.create_default_context(cafile=settings.tls_ca or None)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"VIGIE_TLS_CA: {settings.tls_ca} holds no certificates that can be read ({_cause(error)})") from None
    if settings.tls_certificate:
        password = settings.tls_key_password.reveal  # as a function: OpenSSL would ask the terminal where it is given none
        try:
            context.load_cert_chain(settings.tls_certificate, settings.tls_key or None, password)
        except (OSError, ssl.SSLError, ValueError) as error:
            files = " and ".join(filter(None, (settings.tls_certificate, settings.tls_key)))
            raise SettingsError(
                f"VIGIE_TLS_CERTIFICATE: {files} hold no certificate with its private key, or VIGIE_TLS_KEY_PASSWORD does not "
                f"open it ({_cause(error)})"
            ) from None
    return context


def _cause(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return error.reason or "no PEM"
    return (error.strerror if isinstance(error, OSError) else "") or type(error).__name__


async def refusal(settings: Settings) -> str:
    """Why no connection came about, in words, by trying the servers once more; empty where simply nobody answers.

    aiokafka logs the cause and raises that it could not bootstrap.
    """
    secured = security(settings)
    for server in settings.broker.split(","):
        host, _, port = server.rpartition(":")
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                connection = await create_conn(
                    host.strip("[]"), int(port), request_timeout_ms=int(_PROBE_SECONDS * 1000), **secured
                )
                await connection.send(MetadataRequest([]))  # one that wants SASL takes the first request without, and not this
            connection.close()
        except (KafkaError, OSError, TimeoutError) as error:
            if words := _in_words(error, settings):
                return f"{server} {words}"
    return ""


def _in_words(error: Exception, settings: Settings) -> str:
    """What a server's refusal means, and which setting to look at; empty when nobody is there."""
    if isinstance(error, ConnectionRefusedError):
        return ""
    trust = getattr(error, "verify_message", "")
    mend = "set VIGIE_TLS_CA to the authority that signed it"
    if "mismatch" in trust:
        mend = "write the servers in VIGIE_BROKER by a name or address that it is valid for"
    user = f"user {settings.sasl_username} ({settings.sasl_mechanism})"
    protocol = f"VIGIE_SECURITY_PROTOCOL={settings.security_protocol}"
    meanings: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
        (
            ssl.SSLCertVerificationError,
            f"shows a certificate that is not trusted ({trust.rstrip('.')}); {mend}",
        ),
        (
            UnsupportedSaslMechanismError,
            f"does not know {settings.sasl_mechanism}; set VIGIE_SASL_MECHANISM to one that it knows",
        ),
        (
            _REFUSED,
            f"refuses the credentials of {user}; look at VIGIE_SASL_USERNAME, VIGIE_SASL_PASSWORD and VIGIE_SASL_MECHANISM",
        ),
        (
            ssl.SSLError,
            f"does not speak TLS as we do ({_cause(error)}); look at VIGIE_SECURITY_PROTOCOL and VIGIE_TLS_CERTIFICATE",
        ),
        (
            (KafkaConnectionError, ConnectionResetError),
            f"ends the connection under {protocol}; it may want TLS, a certificate of ours (VIGIE_TLS_CERTIFICATE), or SASL",
        ),
    )
    return next((words for kinds, words in meanings if isinstance(error, kinds)), "")
