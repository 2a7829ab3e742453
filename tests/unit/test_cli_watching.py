"""JSON Lines under rules, with names to watch, and by another detector: what settings and options change in the answers."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.lines import answers, line_for, vigie


def test_enrich_under_rules_raises_alerts(tmp_path: Path):
    (tmp_path / "rules.toml").write_bytes(b"\xef\xbb\xbf[[rules]]\nid = 'mali'\nquery = 'Bamako'\n")
    found = answers(vigie("enrich", "--rules", str(tmp_path / "rules.toml"), lines=line_for("enrich", 1)))
    assert [each["rule"]["id"] for each in found[0]["alerts"]] == ["mali"]


def test_names_to_watch_are_tagged_and_enriched_with_their_own_ids(tmp_path: Path):
    file = tmp_path / "names.jsonl"
    file.write_text('{"id": "own-1", "type": "PER", "name": "Abdoulaye Diop"}\n')
    (tagged,) = answers(vigie("tag", lines=line_for("tag", 1), VIGIE_WATCH_LIST=str(file)))
    assert {"start": 12, "end": 26, "type": "PER", "name": "Abdoulaye Diop", "qid": "own-1"} in tagged["entities"]
    (enriched,) = answers(vigie("enrich", lines=line_for("enrich", 1), VIGIE_WATCH_LIST=str(file)))
    assert "own-1" in [entity["id"] for entity in enriched["article"]["entities"]]
    file.write_text("no JSON")
    refused = vigie("tag", lines=line_for("tag", 1), VIGIE_WATCH_LIST=str(file))
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"vigie: {file}: line 1: ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "[[rules]]\nid = 'a'\nquery = 'x'\n[[rules]]\nid = 'bad'\nquery = 'a AND (b'",
            r"'bad'.*\(at character \d+ of the query\)",
        ),
        ("[[rules]]\nid = 'a'\nquerry = 'x'", "did you mean `query`"),
        ("[[rules]]\nquery = 'x'", "table 1: `id` is missing"),
        ("[[rules", "not TOML"),
        ("\xff", "not UTF-8"),
        (None, "No such file"),
    ],
)
def test_bad_rules_file_is_named_with_the_rule_and_the_position(tmp_path: Path, content: str | None, said: str):
    file = tmp_path / "rules.toml"
    if content is not None:
        file.write_bytes(content.encode("latin-1"))
    result = vigie("enrich", "--rules", str(file), lines=line_for("enrich", 1))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert re.search(rf"^vigie: {re.escape(str(file))}: .*{said}", result.stderr)


def test_langdetect_can_be_selected_and_answers_alike_in_every_process():
    texts = ["MALI OK", "CECI EST UN COMMENTAIRE", "ok merci", "no comment", "a", "Ala ka an kisi", "😂 12"]
    lines = b"".join(json.dumps({"id": number, "text": text}).encode() + b"\n" for number, text in enumerate(texts))
    command = [sys.executable, "-m", "agents", "detect"]
    runs = [
        subprocess.run(
            command,
            input=lines,
            stdout=subprocess.PIPE,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "VIGIE_LANGUAGE_DETECTOR": "langdetect"},
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    found = {answer["id"]: answer["tag"] for answer in map(json.loads, runs[0].splitlines())}
    assert found[1] != "fr"  # that is langdetect; ours is right
    assert answers(vigie("detect", lines=lines))[1]["tag"] == "fr"
