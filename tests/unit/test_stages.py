"""Stages of the user's: what the guide shows, and what goes wrong."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from agents.cli import app
from agents.messages import internal
from agents.settings import Settings, SettingsError
from pipeline import Article, Pipeline, RawArticle, encode, load_pipeline, process
from pipeline.codec import decode_article
from pipeline.errors import InvalidStage, StageFailed
from pipeline.stages import load_stages
from tests.fixtures.guides import ROOT, blocks

RAW = RawArticle(url="https://example.org/a", content="Un article sur la crue du fleuve à Bamako, au Mali.\n\nAwa says:\nMerci !")


def block(language: str) -> str:
    (found,) = blocks("docs/how-to/stage.md", language)
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


def bad_stage(document: Article) -> object:
    """What a user gets wrong, by the page's text: the document's own words are in the exception."""
    return json.loads(document.body)  # its frames are deeper than the stage's own


FAILING = {
    "raises": (bad_stage, "JSONDecodeError", r"raised JSONDecodeError \(test_stages.py, line \d+\)"),
    "takes_nothing": (lambda: 1, "TypeError", r"raised TypeError \(before its first line\)"),
    "is_no_json": (lambda _: {"a": {1j}}, "TypeError", r"answered a dict that JSON cannot hold \(TypeError\)"),
    "is_half_a_pair": (lambda _: "\ud800", "UnicodeEncodeError", r"answered a str that JSON cannot hold \(UnicodeEncodeError\)"),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_stage_that_fails_is_named_with_what_it_did_and_where(pipeline: Pipeline, name: str):
    stage, exception, words = FAILING[name]
    with pytest.raises(StageFailed, match=f"^your stage {name} {words}; mend it, or take it out of VIGIE_STAGES$") as failed:
        with_stages(pipeline, **{name: stage})
    assert failed.value.exception == type(failed.value.__cause__).__name__ == exception
    refusal = internal(failed.value)
    assert (refusal.reason, refusal.stage, refusal.exception) == ("internal", f"stages.{name}", exception)
    assert refusal.message.endswith("then restart the workers and: vigie dead-letters replay --reason internal")
    assert "Bamako" not in refusal.message


def test_memory_that_runs_out_is_not_laid_to_the_stage(pipeline: Pipeline):
    def hungry(_: object) -> None:
        raise MemoryError

    with pytest.raises(MemoryError):
        with_stages(pipeline, hungry=hungry)


FAILS_ON_SOME = """
def moody(document):
    if "Ségou" in getattr(document, "text", ""):
        raise KeyError("Ségou")
    return 1
"""
LINES = [json.dumps({"url": f"https://example.org/{city}", "content": f"{RAW.content} {city}"}) for city in ("Ségou", "Dakar")]


@pytest.fixture
def moody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    (tmp_path / "own_moody.py").write_text(FAILS_ON_SOME, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return {"VIGIE_STAGES": "own_moody:moody"}


def test_on_the_command_line_the_stage_is_named_and_the_other_pages_are_answered(moody: dict[str, str]):
    result = CliRunner().invoke(app, ["enrich"], env=moody, input="\n".join(LINES))
    failed, other = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 0
    assert failed["error"]["reason"] == "internal"
    assert "your stage moody raised KeyError (own_moody.py, line 4)" in failed["error"]["message"]
    assert other["comments"][0]["extra"] == {"moody": 1}


def test_inspect_names_the_stage_and_shows_the_other_pages(moody: dict[str, str]):
    result = CliRunner().invoke(app, ["inspect", "--json", "-"], env=moody, input="\n".join(LINES))
    assert result.exit_code == 0, result.output
    assert "internal: your stage moody raised KeyError (own_moody.py, line 4)" in result.stderr
    assert json.loads(result.stdout)["comments"][0]["extra"] == {"moody": 1}


def test_a_worker_starts_with_a_stage_that_fails_on_every_page(tmp_path: Path):
    """In a process of its own, as the pool starts one: nothing of it is put in force here."""
    (tmp_path / "own_bad.py").write_text("def bad(_):\n    raise LookupError('a reader wrote this')\n", encoding="utf-8")
    code = """
from agents.messages import Options, Outcome, Record, Task
from agents.work import run, start
from pipeline.limits import Limits
import msgspec
start(Options(limits=Limits(), detector="vigie", source="s", memory=2**32, stages=("own_bad:bad",)))
value = b'{"url": "https://example.org/a", "content": "Un article."}'
(outcome,) = msgspec.msgpack.decode(run(msgspec.msgpack.encode(Task(records=(Record(value),)))), type=list[Outcome])
print(outcome.refusal.reason, outcome.refusal.stage, outcome.refusal.message)
"""
    environ = os.environ | {"PYTHONPATH": f"{tmp_path}:{ROOT}"}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.startswith("internal stages.bad your stage bad raised LookupError (own_bad.py, line 2);"), done.stderr
    assert "a reader wrote this" not in done.stdout


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
