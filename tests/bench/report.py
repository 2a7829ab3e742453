"""What was measured, as JSON and as tables: .bench/PART.json for a part, docs/performance.* for a run of all."""

import time
from pathlib import Path
from typing import Any

import orjson

from tests.bench.measure import Rows

_ROOT = Path(__file__).parents[2]
_KEPT = _ROOT / ".bench"
_DOCS = _ROOT / "docs"
_BEGIN, _END = "<!-- tables: made by `make bench` -->", "<!-- end of the tables -->"


def keep(letter: str, title: str, rows: Rows, *, machine: str, begun: float, command: str) -> None:
    """Keep a part's rows and print its table."""
    part = {
        "part": letter,
        "title": title,
        "command": command,
        "machine": machine,
        "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begun)),
        "took_s": round(time.time() - begun),
        "rows": [row.as_dict() for row in rows.all()],
    }
    _KEPT.mkdir(exist_ok=True)
    (_KEPT / f"{letter}.json").write_bytes(orjson.dumps(part, option=orjson.OPT_INDENT_2))
    print(table(part))


def collect(letters: str) -> None:
    """Write the parts that were kept to docs/performance.json, and their tables into docs/performance.md between the marks."""
    kept = [path for letter in letters if (path := _KEPT / f"{letter}.json").exists()]
    parts = [orjson.loads(path.read_bytes()) for path in kept]
    (_DOCS / "performance.json").write_bytes(orjson.dumps(parts, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    page = _DOCS / "performance.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    page.write_text(f"{before}{_BEGIN}\n\n" + "\n".join(map(table, parts)) + f"\n{_END}{after}", encoding="utf-8")
    print(f"wrote {page} and {_DOCS / 'performance.json'}")


def table(part: dict[str, Any]) -> str:
    """A part as Markdown: a line a measure with its median, the least and the greatest, and what was wanted."""
    lines = [
        f"### ({part['part']}) {part['title']}",
        "",
        f"`{part['command']}`, begun {part['began']}, {part['took_s']} s. {part['machine']}.",
        "",
        "| measure | median | least – greatest | wanted |",
        "|---|---|---|---|",
    ]
    for row in part["rows"]:
        unit = f" {row['unit']}" if row["unit"] else ""
        name = f"{row['name']} ({row['note']})" if row["note"] else row["name"]
        low, high = (_figure(row[key]) for key in ("low", "high"))
        spread = f"{low} – {high}" if len(row["values"]) > 1 else "one run"
        lines.append(f"| {name} | {_figure(row['median'])}{unit} | {spread} | {row['wanted']} |")
    return "\n".join([*lines, ""])


def _figure(value: float) -> str:
    """Three figures that count."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
