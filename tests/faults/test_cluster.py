"""`vigie broker start --nodes 3`, from start to stop; between these, one node is killed."""

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from agents.broker import Status
from agents.broker.cluster import find
from agents.broker.processes import free_port
from agents.cli import app
from tests.faults import cluster, report
from tests.fixtures.kafka import own_home

pytestmark = pytest.mark.broker


async def test_one_of_three_nodes_is_killed(tmp_path: Path):
    """Leaders and coordinators move; nothing is lost or doubled, and the workers carry on."""
    port = free_port()
    own_home(tmp_path)
    started = vigie(tmp_path, port, "start", "--nodes", "3")
    try:
        assert started.exit_code == 0, started.output
        assert "VIGIE_REPLICATION=3" in started.stdout
        three = find(tmp_path, port)
        assert three
        assert three.bootstrap in started.stdout
        answer = vigie(tmp_path, port, "status", "--json")
        nodes = [msgspec.json.decode(line, type=Status) for line in answer.stdout.splitlines()]
        assert [each.bootstrap for each in nodes if each.answers] == three.bootstrap.split(",")
        figures = await cluster.kill(three, tmp_path, seed=0, kills=1, workers=1)
        assert not report.wrong(figures), figures
        kinds = figures["kinds"]
        assert all(kinds[f"{what} moved"] > 0 for what in ("leaders", "coordinators of groups", "coordinators of transactions"))
        three.nodes[2].kill()
        assert vigie(tmp_path, port, "status").exit_code == 1
        assert "holds a cluster of 3 nodes" in vigie(tmp_path, port, "start", "--nodes", "2").stderr
    finally:
        stopped = vigie(tmp_path, port, "stop")
    assert "is stopped" in stopped.stdout
    assert not any(each.status().running for each in three.nodes)


def vigie(home: Path, port: int, command: str, *more: str) -> Result:
    """Run a `vigie broker` command."""
    environ = {"VIGIE_HOME": str(home), "VIGIE_BROKER": f"127.0.0.1:{port}"}
    return CliRunner().invoke(app, ["broker", command, *more], env=environ)
