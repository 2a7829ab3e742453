"""What every test may use, and the tests that need ../shared left out, and counted, where that folder is absent."""

import signal

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = [f"tests.fixtures.{name}" for name in ("commands", "kafka", "postgres", "secured", "servers")]

# No test asserts a time: on a busy machine any example may take longer than any bound.
settings.register_profile("no times", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no times")

# A shell starts what it puts in the background with Ctrl-C ignored, and so it stays in every program that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

_left_out = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if (config.rootpath.parent / "shared").is_dir():
        return
    without = [item for item in items if item.get_closest_marker("shared")]
    items[:] = [item for item in items if not item.get_closest_marker("shared")]
    config.stash[_left_out] = len(without)
    if without:
        config.hook.pytest_deselected(items=without)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if count := config.stash.get(_left_out, 0):
        terminalreporter.write_line(f"{count} tests that measure quality on ../shared were deselected: that folder is absent.")
