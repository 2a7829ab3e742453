"""docs/tutorial.md: its commands, one after the other, as they stand there but for the port of the broker."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agents.broker.processes import free_port
from tests.fixtures.guides import ROOT, blocks
from tests.fixtures.kafka import own_home

pytestmark = pytest.mark.broker


def test_the_tutorial(tmp_path: Path):
    home, port = own_home(tmp_path / "home"), free_port()
    script = "\n".join(blocks("docs/tutorial.md", "sh"))
    assert "vigie broker start\n" in script
    script = script.replace("vigie broker start", f"vigie broker start --port {port}").replace(
        "vigie broker stop", f"vigie broker stop --port {port}"
    )
    environ = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "VIGIE_HOME": str(home),
        "VIGIE_BROKER": f"127.0.0.1:{port}", "VIGIE_PROCESSES": "1", "COLUMNS": "100",
    }  # fmt: skip
    command = ["bash", "-c", f"set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{script}"]
    try:
        done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=300, check=False)
    finally:
        stop = [sys.executable, "-m", "agents", "broker", "stop", "--port", str(port)]
        subprocess.run(stop, cwd=ROOT, env=environ, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    desk = tmp_path / "vigie-tutorial"
    alerts = [json.loads(line) for line in (desk / "alerts.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {alert["value"]["rule"]["id"] for alert in alerts} <= {"corridor", "aes-in-comments"}
    assert len(alerts) == 2
    assert "Moussa Traoré" in (desk / "seen.html").read_text(encoding="utf-8")
    assert "missing_field" in done.stdout
