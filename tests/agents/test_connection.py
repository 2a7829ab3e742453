"""How settings become a connection, what is refused at start, and that no secret shows."""

import logging
import logging.config
import ssl
from pathlib import Path

import pytest

from agents import connection, log
from agents.app import _credentials
from agents.readers import SettingsError
from agents.secret import Secret
from agents.settings import Settings, describe, variables
from tests.fixtures.secured import Certificates

SASL = {"VIGIE_SECURITY_PROTOCOL": "SASL_SSL", "VIGIE_SASL_USERNAME": "vigie", "VIGIE_SASL_PASSWORD": "pass-word-77"}
CLEAR = SASL | {"VIGIE_SECURITY_PROTOCOL": "SASL_PLAINTEXT"}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


def test_plain_by_default():
    assert connection.options(Settings()) == {"bootstrap_servers": "127.0.0.1:9092", "security_protocol": "PLAINTEXT"}
    assert _credentials(Settings()) is None


def test_sasl_always_has_a_tls_context_that_verifies():
    settings = Settings.from_env(SASL)
    found = connection.options(settings)
    assert (found["sasl_plain_username"], found["sasl_plain_password"]) == ("vigie", "pass-word-77")
    assert found["ssl_context"].verify_mode is ssl.CERT_REQUIRED
    assert found["ssl_context"].check_hostname
    assert found["ssl_context"].minimum_version >= ssl.TLSVersion.TLSv1_2
    faust = _credentials(settings)
    assert (faust.protocol.value, faust.mechanism.value, faust.ssl_context is None) == ("SASL_SSL", "SCRAM-SHA-512", False)
    assert "pass-word-77" not in repr(faust)


def test_a_certificate_of_ours_with_and_without_a_password(certificates: Certificates):
    base = {"VIGIE_SECURITY_PROTOCOL": "SSL", "VIGIE_TLS_CA": str(certificates.authority)}
    own = base | {"VIGIE_TLS_CERTIFICATE": str(certificates.issue("open"))}
    sealed = base | {"VIGIE_TLS_CERTIFICATE": str(certificates.issue("sealed", "opens-99")), "VIGIE_TLS_KEY_PASSWORD": "opens-99"}
    for environ in (base, own, sealed):
        assert connection.options(Settings.from_env(environ))["security_protocol"] == "SSL"
        assert _credentials(Settings.from_env(environ)).protocol.value == "SSL"
    for wrong in ("", "wrong-99"):
        with pytest.raises(SettingsError, match="VIGIE_TLS_KEY_PASSWORD does not open it") as refused:
            connection.options(Settings.from_env(sealed | {"VIGIE_TLS_KEY_PASSWORD": wrong}))
        assert "-99" not in str(refused.value)


@pytest.mark.parametrize("path", ["/nowhere/ca.pem", __file__])
def test_an_authority_that_cannot_be_read(path: str):
    with pytest.raises(SettingsError, match=f"^VIGIE_TLS_CA: {path} holds no certificates"):
        connection.options(Settings.from_env({"VIGIE_SECURITY_PROTOCOL": "SSL", "VIGIE_TLS_CA": path}))


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        (CLEAR, "VIGIE_SECURITY_PROTOCOL"),
        (CLEAR | {"VIGIE_SASL_IN_CLEAR": "false"}, "VIGIE_SECURITY_PROTOCOL"),
        (SASL | {"VIGIE_SECURITY_PROTOCOL": "SSL"}, "VIGIE_SASL_USERNAME"),
        ({"VIGIE_SASL_PASSWORD": "pass-word-77"}, "VIGIE_SASL_PASSWORD"),
        ({"VIGIE_SASL_USERNAME": "vigie"}, "VIGIE_SASL_USERNAME"),
        (SASL | {"VIGIE_SASL_PASSWORD": ""}, "VIGIE_SASL_PASSWORD"),
        (SASL | {"VIGIE_SASL_USERNAME": ""}, "VIGIE_SASL_USERNAME"),
        (SASL | {"VIGIE_SASL_MECHANISM": "GSSAPI"}, "VIGIE_SASL_MECHANISM"),
        ({"VIGIE_SECURITY_PROTOCOL": "TLS"}, "VIGIE_SECURITY_PROTOCOL"),
        ({"VIGIE_TLS_CA": "ca.pem"}, "VIGIE_TLS_CA"),
        (CLEAR | {"VIGIE_SASL_IN_CLEAR": "true", "VIGIE_TLS_CERTIFICATE": "own.pem"}, "VIGIE_TLS_CERTIFICATE"),
        ({"VIGIE_SECURITY_PROTOCOL": "SSL", "VIGIE_TLS_KEY": "own.pem"}, "VIGIE_TLS_KEY"),
        ({"VIGIE_AUTHOR_KEY": "short"}, "VIGIE_AUTHOR_KEY"),
        (SASL | {"VIGIE_SASL_PASSWORD_FILE": "/nowhere"}, "VIGIE_SASL_PASSWORD_FILE"),
        ({"VIGIE_AUTHOR_KEY_FILE": "/nowhere"}, "VIGIE_AUTHOR_KEY_FILE"),
    ],
)
def test_what_would_tell_a_password_or_feign_security_is_refused_by_name(environ: dict[str, str], variable: str):
    with pytest.raises(SettingsError, match=f"^{variable}: ") as refused:
        Settings.from_env(environ)
    assert "pass-word-77" not in str(refused.value)


def test_a_password_in_clear_has_to_be_said_twice():
    found = connection.options(Settings.from_env(CLEAR | {"VIGIE_SASL_IN_CLEAR": "true"}))
    assert (found["security_protocol"], "ssl_context" in found) == ("SASL_PLAINTEXT", False)


def test_secrets_from_files(tmp_path: Path):
    file = tmp_path / "secret"
    file.write_text(" pass word-77 \r\n", "utf-8")
    environ = {name: value for name, value in SASL.items() if name != "VIGIE_SASL_PASSWORD"} | {
        "VIGIE_SASL_PASSWORD_FILE": str(file)
    }
    assert Settings.from_env(environ).sasl_password.reveal() == " pass word-77 "
    file.write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="is not UTF-8"):
        Settings.from_env(environ)
    assert {"VIGIE_SASL_PASSWORD_FILE", "VIGIE_TLS_KEY_PASSWORD_FILE", "VIGIE_AUTHOR_KEY_FILE"} < set(variables())


def test_a_secret_is_shown_nowhere():
    settings = Settings.from_env(SASL | {"VIGIE_AUTHOR_KEY": "a-key-of-32-characters-or-so-77"})
    shown = f"{settings} {settings!r} {describe(settings)} {settings.sasl_password}"
    assert "-77" not in shown
    assert shown.count("(set)") >= 4
    assert (Secret("a"), hash(Secret("a")), bool(Secret())) == (Secret("a"), hash(Secret("a")), False)
    assert Secret("a") != Secret("b")


def test_addresses_are_shown_without_their_passwords(tmp_path: Path):
    given = "http://ops:pass%2Fword-77@am-1.example:9093, https://am-2.example/base"
    shown = "http://am-1.example:9093,https://am-2.example/base"
    settings = Settings.from_env({"VIGIE_ALERTMANAGER": given})
    assert settings.alertmanager.urls == given.split(", ")
    assert f"alertmanager={shown}" in repr(settings)
    (row,) = [each for each in describe(settings) if each["variable"] == "VIGIE_ALERTMANAGER"]
    assert (row["value"], row["default"]) == (shown, "http://127.0.0.1:9093")
    file = tmp_path / "alertmanager"
    file.write_text(f"{given}\n")
    assert Settings.from_env({"VIGIE_ALERTMANAGER_FILE": str(file)}).alertmanager == settings.alertmanager


@pytest.mark.parametrize("password", ["pass/word-77", "1/word-77", "p@ss-77", "p?@ss-77", "pass,word-77", "p ss-77", "p#ss-77"])
def test_an_address_whose_password_cannot_be_told_apart_is_refused(password: str):
    with pytest.raises(SettingsError, match=r"^VIGIE_ALERTMANAGER: takes addresses") as refused:
        Settings.from_env({"VIGIE_ALERTMANAGER": f"http://ops:{password}@am.example:9093"})
    assert "-77" not in str(refused.value)


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"])
def test_faust_is_given_the_mechanism(mechanism: str):
    assert _credentials(Settings.from_env(SASL | {"VIGIE_SASL_MECHANISM": mechanism})).mechanism.value == mechanism


@pytest.fixture
def restored_logging():
    yield
    for name in ("", "aiokafka", "aiokafka.conn", "faust", "mode", "aiohttp", "asyncio"):
        logging.getLogger(name).setLevel(logging.NOTSET if name else logging.WARNING)
    logging.getLogger().handlers.clear()


def test_no_local_variable_is_logged_with_an_error(capsys: pytest.CaptureFixture[str], restored_logging: None):
    """structlog shows them by default where rich is installed: the pages in hand, the passwords of a connection."""

    def fail(page: str) -> None:
        raise RuntimeError("it failed")

    for style in ("console", "json"):
        logging.config.dictConfig(log.config("debug", style))
        try:
            fail(f"readers' words-{70 + 7}")  # the line itself is in the trace
        except RuntimeError:
            log.get_logger("agents.test").exception("batch.failed")
        logging.getLogger("aiokafka.conn").debug("SaslAuthenticateRequest(sasl_auth_bytes=b'vigie\\x00pass-word-77')")
    said = capsys.readouterr().err
    assert said.count("RuntimeError: it failed") == 2
    assert "-77" not in said
