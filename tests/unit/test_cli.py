"""The command line as a whole: how it starts, what it says, what it refuses. No broker."""

import json
import os
import pty
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from agents.cli import COMMANDS, main
from agents.cli.context import unknown_variables
from tests.fixtures.lines import vigie

HEAVY = {
    "aiokafka",
    "faust",
    "numpy",
    "rich",
    "trafilatura",
    "resiliparse",
    "prometheus_client",
    "pebble",
    "ahocorasick_rs",
    "pydantic",
}
COMMAND_LINES = [
    ["enrich"], ["split"], ["detect"], ["tag"], ["inspect"], ["publish"], ["worker"], ["notify"], ["tail"], ["top"], ["demo"],
    ["doctor"], ["settings"], ["topics", "create"], ["broker", "start"], ["broker", "stop"], ["broker", "status"], ["schema"],
    ["schema", "check"], ["rules", "put"], ["rules", "list"], ["rules", "delete"], ["rules", "test"], ["dead-letters", "list"],
    ["dead-letters", "show"], ["dead-letters", "replay"], ["acls"],
]  # fmt: skip


def test_a_worker_whose_port_is_taken_says_which_before_it_asks_for_kafka():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = vigie("worker", VIGIE_WEB_PORT=str(port), VIGIE_BROKER="127.0.0.1:1")
    assert result.exit_code == 1
    said = f"the web server cannot listen on 127.0.0.1:{port} (Address already in use); set VIGIE_WEB_PORT"
    assert result.stderr == f"vigie: {said}\n"


def apart(*arguments: str, code: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, as the console script does; `code` runs at its end."""
    program = f"import atexit, sys; atexit.register(lambda: exec({code!r})); from agents.cli import main; main()"
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, timeout=60, check=False, input="")


def loaded(*arguments: str) -> set[str]:
    """Heavy libraries that a command has imported when it ends."""
    code = f"import sys; print(*({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    return set(apart(*arguments, code=code, COLUMNS="80").stderr.splitlines()[-1].split())


# starting


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["--version"], set()),
        (["--version", "--json"], set()),
        (["--show-completion", "bash"], set()),
        (["broker", "status", "--json", "--port", "1"], set()),
        (["settings", "--json"], set()),
        (["--help"], {"rich"}),
        (["detect"], {"numpy"}),
    ],
)
def test_command_imports_only_what_it_needs(arguments: list[str], needed: set[str]):
    assert loaded(*arguments) <= needed


def test_completion_of_a_name_imports_nothing_heavy():
    code = f"import sys; print(*({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    done = apart(code=code, _VIGIE_COMPLETE="complete_bash", COMP_WORDS="vigie d", COMP_CWORD="1")
    assert done.stdout.split() == ["detect", "dead-letters", "demo", "doctor"]
    assert done.stderr.split() == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell: str):
    done = apart("--show-completion", shell)
    assert done.returncode == 0, done.stderr
    assert "_VIGIE_COMPLETE" in done.stdout


def test_bash_takes_the_completion_script():
    script = apart("--show-completion", "bash").stdout
    checked = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


# help, version, usage


@pytest.mark.parametrize("line", COMMAND_LINES, ids=" ".join)
def test_help_of_each_command_has_an_example_and_fits_the_screen(line: list[str]):
    result = vigie(*line, "--help", COLUMNS="80", TERMINAL_WIDTH="80")
    assert result.exit_code == 0
    assert f"vigie {' '.join(line)}" in result.stdout.partition("Example:")[2]
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "\x1b" not in result.stdout


def test_every_command_is_listed_with_one_line_of_help():
    result = vigie("-h", COLUMNS="100", TERMINAL_WIDTH="100")
    assert all(f"│ {name} " in result.stdout for name in COMMANDS)
    assert {line[0] for line in COMMAND_LINES} == set(COMMANDS)


def test_version_in_words_and_for_bug_reports():
    from importlib.metadata import version

    assert vigie("--version").stdout == f"vigie {version('vigie')}\n"
    found = json.loads(vigie("--version", "--json").stdout)
    assert found["vigie"] == version("vigie")
    assert found["libraries"]["aiokafka"] == version("aiokafka")
    assert {"python", "system"} < found.keys()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["enrch"], "Did you mean 'enrich'?"),
        (["--json"], "--json"),
        (["detect", "--nonsense"], "--nonsense"),
        (["tail", "alerts", "--from", "yesterday"], "earliest or latest"),
        (["tail", "alerts", "--max", "0"], "--max"),
        (["dead-letters", "show", "12"], "PARTITION:OFFSET"),
        (["dead-letters", "list", "--reason", "bored"], "--reason"),
        (["worker", "--group", "a b"], "--group"),
        (["inspect", "page.pdf"], "page.pdf"),
    ],
)
def test_usage_errors_are_exit_2(line: list[str], said: str):
    result = vigie(*line, COLUMNS="200", TERMINAL_WIDTH="200")
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_terminal_that_knows_no_accents():
    done = apart("detect", "--help", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "Bonjour \\xe0 tous" in done.stdout


# settings


def test_settings_are_all_listed():
    import dataclasses

    from agents.settings import Settings, variable_of

    rows = json.loads(vigie("settings", "--json", VIGIE_SOURCE="[red]", VIGIE_HOME="/elsewhere").stdout)
    found = {row["variable"]: row for row in rows}
    assert set(found) == {variable_of(each.name) for each in dataclasses.fields(Settings)} | {"VIGIE_HOME"}
    assert found["VIGIE_SOURCE"]["value"] == "[red]"
    assert found["VIGIE_HOME"]["value"] == "/elsewhere"
    assert all(row["doc"] for row in rows)
    assert "[red]" in vigie("settings", VIGIE_SOURCE="[red]", COLUMNS="120").stdout


@pytest.mark.parametrize("command", [["settings"], ["detect"], ["doctor"], ["broker", "status"]])
def test_setting_that_cannot_be_used_is_exit_2(command: list[str]):
    result = vigie(*command, VIGIE_BROKER="nowhere")
    assert result.exit_code == 2
    assert result.stderr.startswith("vigie: VIGIE_BROKER: takes a list such as")


def test_variable_that_nothing_reads_is_a_warning_with_the_nearest_name():
    result = vigie("detect", VIGIE_PREFX="a.", VIGIE_HOME="/x")
    assert (result.exit_code, result.stderr) == (0, "vigie: VIGIE_PREFX is no setting; did you mean VIGIE_PREFIX?\n")
    assert unknown_variables({"VIGIE_ZZZZ": "", "PATH": ""}, ["VIGIE_GROUP"]) == ["VIGIE_ZZZZ is no setting; see: vigie settings"]


# colour


def on_a_terminal(*arguments: str, **variables: str) -> str:
    """Run a command whose output is a terminal, and return what it wrote there."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "agents", *arguments]
    environ = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    with subprocess.Popen(
        command,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env=environ | {"TERM": "xterm-256color"} | variables,
    ) as process:
        os.close(theirs)
        written = b""
        try:
            while more := os.read(ours, 65536):
                written += more
        except OSError:  # how Linux says that the other end is closed
            pass
        finally:
            os.close(ours)
        process.wait(60)
    return written.decode()


def test_colour_on_a_terminal_unless_no_color_and_none_in_a_pipe():
    import re

    coloured = re.compile(r"\x1b\[[0-9;]*3[0-9]")
    assert coloured.search(on_a_terminal("--help"))
    assert not coloured.search(on_a_terminal("--help", NO_COLOR="1"))
    assert "\x1b" not in apart("--help").stdout


@pytest.mark.parametrize(
    "command", [["topics", "create"], ["tail", "alerts"], ["rules", "list"], ["dead-letters", "list"], ["worker"]]
)
def test_no_broker_is_exit_1_with_the_mend(command: list[str]):
    result = vigie(*command, VIGIE_BROKER="127.0.0.1:1")
    assert result.exit_code == 1
    assert "no Kafka answers at 127.0.0.1:1" in result.stderr
    assert "vigie broker start" in result.stderr
    assert "Traceback" not in result.stderr


def test_interrupted_command_says_nothing(monkeypatch: pytest.MonkeyPatch):
    from agents.cli import settings

    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(settings, "read_settings", interrupt)
    result = vigie("settings")
    assert (result.exit_code, result.output.strip()) == (130, "")


def test_model_that_is_missing_is_exit_1_with_the_mend(monkeypatch: pytest.MonkeyPatch):
    from pipeline import language
    from pipeline.errors import InvalidModel

    def load(_name: str) -> None:
        raise InvalidModel("weights.npz is damaged; build it with tools/train_language.py")

    monkeypatch.setattr(language, "load_detector", load)
    result = vigie("detect")
    assert (result.exit_code, result.stderr) == (1, "vigie: weights.npz is damaged; build it with tools/train_language.py\n")


def test_main_is_the_console_script():
    import tomllib

    scripts = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts == {"vigie": f"{main.__module__}:{main.__name__}"}
