"""Stages of the user's: what the guide shows, and what goes wrong."""

import dataclasses
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from agents.cli import app
from agents.settings import Settings, SettingsError
from pipeline import Article, Pipeline, RawArticle, encode, load_pipeline, process
from pipeline.codec import decode_article
from pipeline.errors import InvalidStage
from pipeline.stages import load_stages

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/how-to/stage.md").read_text(encoding="utf-8")
RAW = RawArticle(url="https://example.org/a", content="Un article sur la crue du fleuve à Bamako, au Mali.\n\nAwa says:\nMerci !")


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    return found


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return load_pipeline()


def with_stages(pipeline: Pipeline, **stages: object) -> Article:
    return process(RAW, dataclasses.replace(pipeline, stages=stages))[0].article


def test_the_guide_runs(tmp_path: Path):
    (tmp_path / "reading.py").write_text(block("python"), encoding="utf-8")
    environ = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euc", block("sh")], cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["article"]["extra"] == {"reading_minutes": 0.06}
    (comment,) = answer["comments"]
    told = comment["extra"]["call_for_help"]
    assert comment["text"][told["start"] : told["end"]] == "Aidez"


def test_without_stages_nothing_is_added(pipeline: Pipeline):
    article = with_stages(pipeline)
    assert article.extra is msgspec.UNSET
    assert b'"extra"' not in encode(article)


def test_values_come_through_json(pipeline: Pipeline):
    article = with_stages(pipeline, one=lambda _: 1, none=lambda _: None, many=lambda document: document.entities)
    assert article.extra["one"] == 1
    assert article.extra["many"][0]["surface"] == article.entities[0].surface
    assert "none" not in article.extra
    assert decode_article(encode(article)) == article


def test_a_stage_that_fails_is_not_silent(pipeline: Pipeline):
    with pytest.raises(ZeroDivisionError):
        with_stages(pipeline, bad=lambda _: 1 / 0)
    with pytest.raises(TypeError):
        with_stages(pipeline, bad=lambda _: object())


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["nowhere_at_all:f"], "nowhere_at_all:f cannot be had .ModuleNotFoundError.*PYTHONPATH"),
        (["json:nothing"], "json:nothing cannot be had .AttributeError"),
        (["json:__name__"], "is no function"),
        (["json:loads", "msgspec:loads"], "msgspec:loads cannot be had"),
        (["json:dumps", "orjson:dumps"], "two stages are called dumps"),
    ],
)
def test_a_name_that_cannot_be_had(names: list[str], words: str):
    with pytest.raises(InvalidStage, match=words):
        load_stages(names)


@pytest.mark.parametrize("command", [["worker"], ["enrich"]])
def test_commands_say_which_stage_cannot_be_had(command: list[str]):
    result = CliRunner().invoke(app, command, env={"VIGIE_STAGES": "nowhere_at_all:f"}, input="{}\n")
    assert result.exit_code == 1
    assert "vigie: the stage nowhere_at_all:f cannot be had" in result.stderr


@pytest.mark.parametrize("value", ["reading", "reading:", ":f", "a b:f", "reading.py:f()"])
def test_a_name_that_is_none(value: str):
    with pytest.raises(SettingsError, match="VIGIE_STAGES: takes a list of module:function"):
        Settings.from_env({"VIGIE_STAGES": value})
