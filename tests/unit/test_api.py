"""The Python API: what the guide shows, on Dask, in threads, and for a type checker."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

import pipeline as api
from pipeline import InvalidEvent, Pipeline, RawArticle, WatchRule, decode_raw, encode, load_pipeline, process, process_together
from pipeline.errors import Reason
from tests.fixtures.guides import ROOT, blocks

PAGE = {"url": "https://example.org/page", "content": (ROOT / "tests/data/page.txt").read_text(encoding="utf-8")}


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return load_pipeline()


def test_everything_that_is_exported_is_there():
    assert all(getattr(api, name) is not None for name in api.__all__)
    assert dir(api) == sorted(api.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = api.nothing


def test_the_errors_alone_load_no_model():
    code = "import sys; from pipeline import InvalidEvent; print('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_the_guide_runs(capsys: pytest.CaptureFixture[str]):
    names: dict[str, object] = {}
    for block in blocks("docs/how-to/python.md", "python"):
        exec(compile(block, "docs/how-to/python.md", "exec"), names)  # noqa: S102 - the guide is ours
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "fr"
    assert any(line.startswith("Abdoulaye Diop PER Q") for line in said)
    assert any(line.startswith("diop ") and "Abdoulaye Diop" in line for line in said)
    assert said[-1].startswith("missing_field ")


def test_pipelines_with_other_rules_do_not_meet_in_threads(pipeline: Pipeline):
    raw = decode_raw(json.dumps(PAGE).encode())
    watching = [pipeline.with_rules([WatchRule(id=word, query=word)]) for word in ("Lavrov", "Mali")] + [pipeline]
    alone = [encode(process(raw, each)[0]) for each in watching]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda each: encode(process(raw, each)[0]), watching * 4))
    assert together == alone * 4
    assert len(set(alone)) == 3


def test_pages_enriched_together_are_enriched_as_alone(pipeline: Pipeline):
    contents = [
        PAGE["content"],
        "Le maire de Gao a reçu Mahmoud Dicko.",
        "Nothing new in Accra.\nGreat news!",
        "",
        PAGE["content"][:1500],
    ]
    raws = [RawArticle(url=f"https://example.org/{place}", content=content) for place, content in enumerate(contents)]
    alone = [encode(process(raw, pipeline)[0]) for raw in raws]
    assert [encode(enriched) for enriched, _ in process_together(raws, pipeline)] == alone
    assert process_together([], pipeline) == []


def test_a_raw_event_that_is_none_says_why():
    with pytest.raises(InvalidEvent) as caught:
        decode_raw(b"{}")
    assert caught.value.reason is Reason.MISSING_FIELD
