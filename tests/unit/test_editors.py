"""What editors and git are told: the same commands as `make lint`, and a container that has what it needs."""

import json
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]


def test_what_is_checked_before_a_commit_is_what_make_lint_runs():
    (repository,) = YAML(typ="safe").load(ROOT / ".pre-commit-config.yaml")["repos"]
    hooks = {hook["entry"].removesuffix(" --force-exclude").removeprefix(".venv/bin/") for hook in repository["hooks"]}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    lint = makefile.partition("\nlint: ")[2].partition("\n\n")[0]
    commands = {line.strip().removeprefix("$(BIN)/").removesuffix(" --check") for line in lint.splitlines()[1:]}
    assert hooks == commands


def test_the_container_is_one_that_vigie_runs_on():
    told = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    assert told["image"].startswith("python:3.11")
    assert told["postCreateCommand"] == "make install"
