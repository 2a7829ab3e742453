"""Write the contracts from the code: docs/asyncapi.json and docs/schemas/; with --ship, also what this version promises for good.

`python -m tools.contracts --ship` is run once for a release: it copies the schemas to tests/data/events/<version>/ and puts beside
them one line of each event, as the code of that version writes it. The tests hold every later version against these files.
"""

import sys
from pathlib import Path

from agents.cli.schema import written
from agents.contracts import EVENTS, document, schema
from agents.examples import RULES, pages
from pipeline.codec import decode_raw, encode, rules_from_toml
from pipeline.enrich import load_pipeline, process
from pipeline.events import Message

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "tests/data/events"


def publish() -> dict[Path, bytes]:
    """The files of docs/ and what stands in them."""
    schemas = {ROOT / f"docs/schemas/{name}.v1.json": written(schema(name)) for name in EVENTS}
    return {ROOT / "docs/asyncapi.json": written(document())} | schemas


def ship() -> dict[Path, bytes]:
    """The files of tests/data/events/ for this version and what stands in them."""
    folder = SHIPPED / document()["info"]["version"]
    schemas = {folder / f"{name}.schema.json": written(schema(name)) for name in EVENTS}
    return schemas | {
        folder / f"{name}.jsonl": b"".join(encode(each) + b"\n" for each in events) for name, events in _events().items()
    }


def _events() -> dict[str, list[Message]]:
    """Real events: the pages of the demo, in full, with a rule that fires."""
    rules = rules_from_toml(RULES.read_text(encoding="utf-8"))
    pipeline = load_pipeline(rules)
    raw = [decode_raw(value) for _, value in pages()]
    found = [process(each, pipeline)[0] for each in raw]
    return {
        "raw-article": list(raw),
        "article": [each.article for each in found],
        "comment": [comment for each in found for comment in each.comments],
        "alert": [alert for each in found for alert in each.alerts],
        "watch-rule": list(rules),
    }


def main(arguments: list[str]) -> None:
    """Write the files, and say which."""
    for path, content in (publish() | (ship() if "--ship" in arguments else {})).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1:])
