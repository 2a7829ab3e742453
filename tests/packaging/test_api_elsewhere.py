"""The Python API on Dask, and for a type checker."""

import json
import subprocess
import sys
from pathlib import Path

from pipeline import decode_raw, encode, load_pipeline, process

ROOT = Path(__file__).parents[2]
PAGE = {"url": "https://example.org/page", "content": (ROOT / "tests/data/page.txt").read_text(encoding="utf-8")}


def test_on_dask_a_partition_at_a_time(tmp_path: Path):
    pages = [PAGE | {"url": f"https://example.org/{number}"} for number in range(3)]
    (tmp_path / "one.jsonl").write_text("".join(json.dumps(page) + "\n" for page in pages[:2]) + "no event\n")
    (tmp_path / "two.jsonl").write_text(json.dumps(pages[2]) + "\n")
    command = [sys.executable, ROOT / "examples/dask_bag.py", tmp_path / "*.jsonl", tmp_path / "out"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    files = [path.read_text(encoding="utf-8").splitlines() for path in sorted((tmp_path / "out").iterdir())]
    pipeline = load_pipeline()
    expected = [encode(process(decode_raw(json.dumps(page).encode()), pipeline)[0]).decode() for page in pages]
    assert files == [[*expected[:2], '{"error": "not_json"}'], [expected[2]]]


def test_a_type_checker_knows_what_comes_out(tmp_path: Path):
    (tmp_path / "user.py").write_text(
        "from pipeline import RawArticle, load_pipeline, process\n"
        "enriched, seconds = process(RawArticle(url='', content=''), load_pipeline())\n"
        "reveal_type(enriched.comments[0].text)\nreveal_type(seconds)\nRawArticle(url=1, content='')\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", tmp_path / "user.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    told = [line.partition("user.py:")[2] for line in done.stdout.splitlines() if "user.py:" in line]
    assert told == [
        '3: note: Revealed type is "str"',
        '4: note: Revealed type is "dict[str, float]"',
        '5: error: Argument "url" to "RawArticle" has incompatible type "int"; expected "str"  [arg-type]',
    ]
