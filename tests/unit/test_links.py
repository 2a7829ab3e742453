"""The links of the README lead somewhere, and each promise in it to a test that exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\[([^\]]+)\]\(([^)#\s]+)\)")
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROMISES = re.search(r"^## What is promised.*?\n(.*?)^## ", README, re.MULTILINE | re.DOTALL)[1]
ROWS = re.findall(r"^\| (?!promise|-)(.+) \| (.+) \|$", PROMISES, re.MULTILINE)


@pytest.mark.parametrize("target", sorted({target for _, target in LINK.findall(README) if "://" not in target}))
def test_a_link_leads_somewhere(target: str):
    assert (ROOT / target).exists()


def test_each_promise_is_kept_by_a_test():
    assert len(ROWS) > 10
    for promise, tests in ROWS:
        assert LINK.findall(tests), promise


@pytest.mark.parametrize(("name", "path"), LINK.findall(PROMISES))
def test_a_promise_leads_to_a_test(name: str, path: str):
    functions = [each for each in ast.parse((ROOT / path).read_text(encoding="utf-8")).body if hasattr(each, "name")]
    assert name in {each.name for each in functions}
