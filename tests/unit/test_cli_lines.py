"""JSON Lines through the commands: every line answered, in order, whatever it holds."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.cli.lines import answer_together, id_of, ready_lines, split_lines
from pipeline.limits import Limits
from tests.fixtures.lines import TEXT, answers, line_for, vigie

COMMANDS = ("enrich", "split", "detect", "tag")


def number_of(command: str, answer: dict) -> int:
    return int(answer["article"]["url"].rpartition("/")[2]) if command == "enrich" else answer["id"]


BAD = {
    b"": "empty",
    b"   \t": "empty",
    b"not json": "not_json",
    b'{"id": 1, "text": NaN, "url": NaN}': "not_json",
    b"\xff\xfe\x00binary\x00": "not_utf8",
    b'{"id": 7, "text": "\\ud800", "url": "\\ud800"}': "lone_surrogate",
    b"[1]": "not_object",
    b"12": "not_object",
    b'{"id": 1}': "missing_field",
    b'{"id": 1, "text": 5, "url": 5, "content": 5}': "wrong_type",
    b"[" * 100_000: "too_deep",
    b'{"id": 1, "text": "' + b"x" * 6_000_000 + b'"}': "too_large",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_each_kind_of_bad_line_is_answered_with_its_reason(command: str):
    given_lines = [part for number, bad in enumerate(BAD) for part in (bad, line_for(command, number))]
    found = answers(vigie(command, lines=b"\n".join(given_lines) + b"\n"))
    assert [each["error"]["reason"] for each in found[::2]] == list(BAD.values())
    assert [number_of(command, each) for each in found[1::2]] == list(range(len(BAD)))
    assert {tuple(each) for each in found[::2]} == {("id", "error")}
    assert all(each["error"]["message"] for each in found[::2])


@pytest.mark.parametrize("command", COMMANDS)
def test_byte_order_mark_windows_line_ends_and_no_last_line_end(command: str):
    lines = b"\xef\xbb\xbf" + line_for(command, 1) + b"\r\n" + line_for(command, 2) + b"\r\n" + line_for(command, 3)
    assert [number_of(command, each) for each in answers(vigie(command, lines=lines))] == [1, 2, 3]


def test_thousand_lines_of_which_a_hundred_are_bad_in_order():
    lines = [b'{"id": %d, "txt": "?"}' % number if number % 10 == 3 else line_for("detect", number) for number in range(1000)]
    found = answers(vigie("detect", lines=b"\n".join(lines)))
    assert [each["id"] for each in found] == list(range(1000))
    assert [number for number, each in enumerate(found) if "error" in each] == list(range(3, 1000, 10))


@pytest.mark.parametrize("command", COMMANDS)
def test_no_lines_no_answers(command: str):
    result = vigie(command)
    assert (result.exit_code, result.stdout_bytes) == (0, b"")


# ids


@pytest.mark.parametrize(
    "written",
    [b"null", b'"x"', b"12", b"1.50", b"123456789012345678901234567890", b'{"a":[1,{}]}', b"true", b'"\\u00e9"', '"é"'.encode()],
)
def test_id_comes_back_as_it_was_given(written: bytes):
    good, bad = b'{"id": %b, "text": "Bonjour"}' % written, b'{"text": 5, "id": %b}' % written
    for line in vigie("detect", lines=good + b"\n" + bad).stdout_bytes.splitlines():
        assert line.startswith(b'{"id":' + written + b",")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"{}", b"null"),
        (b"[]", b"null"),
        (b'{"id": 1, "id": 2}', b"2"),
        (b'{"id": "a", "text": "\\ud800"}', b'"a"'),
        (b'{"id": "\\udfff", "text": ""}', b'"\\udfff"'),
        (b'{"id": "\xff", "text": ""}', b"null"),
        (b'{"id": 1, "text": NaN}', b"null"),
        (b'{"id": 1, "text": "cut', b"null"),
        (b'{"id": {"a":\r1}}', b'{"a":1}'),
        (b"[" * 100_000, b"null"),
        (b'{"id":' * 100_000, b"null"),
    ],
)
def test_id_of_odd_lines(line: bytes, found: bytes):
    assert json.loads(bytes(dumped(line))) == json.loads(found)
    assert b"\r" not in dumped(line)


def dumped(line: bytes) -> bytes:
    import orjson

    return orjson.dumps(id_of(line))


@given(st.binary(max_size=200))
def test_any_line_has_an_id_that_is_json_or_none(line: bytes):
    json.loads(dumped(line))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_id_survives(value: object):
    assert json.loads(dumped(json.dumps({"text": "x", "id": value}).encode())) == value


# lines and files


@given(st.lists(st.binary(max_size=30)), st.integers(1, 12))
def test_split_lines_gives_every_line_once_and_cuts_the_long_ones(parts: list[bytes], longest: int):
    import io

    lines = [part.replace(b"\n", b"").replace(b"\r", b"") for part in parts]
    found = list(split_lines(io.BytesIO(b"".join(line + b"\n" for line in lines)), longest))
    assert found == [line[:longest] for line in lines]


def read_line_by_line(source: BinaryIO, longest: int) -> Iterator[bytes]:
    """What `split_lines` must give, in plain words."""
    while line := source.readline(longest):
        more = line
        while len(more) == longest and not more.endswith(b"\n"):
            more = source.readline(longest)
        yield line.rstrip(b"\r\n")


@given(st.binary(max_size=60), st.sampled_from([b"a\n\r", b"\n"]), st.integers(1, 12))
def test_lines_that_are_ready_are_those_that_are_split(noise: bytes, alphabet: bytes, longest: int):
    import io

    data = bytes(alphabet[byte % len(alphabet)] for byte in noise)
    assert [line for lines in ready_lines(io.BytesIO(data), longest) for line in lines] == list(
        read_line_by_line(io.BytesIO(data), longest)
    )


def test_lines_are_given_as_soon_as_they_are_there():
    reading, writing = os.pipe()
    with open(reading, "rb") as source:  # noqa: PTH123 - a pipe has no path
        found = ready_lines(source, 100)
        for sent, lines in ((b"a\nb\nc", [b"a", b"b"]), (b"d\n", [b"cd"])):
            os.write(writing, sent)
            assert next(found) == lines
        os.close(writing)
        assert list(found) == []


def test_what_cannot_be_answered_together_is_answered_alone(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]):
    (tmp_path / "lines").write_bytes(b"1\n2\nx\n3\n")

    def halved(some: Sequence[int]) -> list[int]:
        if 2 in some:
            raise ZeroDivisionError
        return [number * 10 for number in some]

    answer_together([tmp_path / "lines"], Limits(), int, halved)
    found = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert [each if isinstance(each, int) else each["error"]["reason"] for each in found] == [10, "internal", "internal", 30]


def test_files_and_standard_input_in_their_order(tmp_path: Path):
    (tmp_path / "a").write_bytes(line_for("detect", 1))
    (tmp_path / "b").write_bytes(line_for("detect", 3) + b"\n")
    found = answers(vigie("detect", str(tmp_path / "a"), "-", str(tmp_path / "b"), lines=line_for("detect", 2) + b"\n"))
    assert [each["id"] for each in found] == [1, 2, 3]


@pytest.mark.parametrize("command", COMMANDS)
def test_missing_file_and_folder(command: str, tmp_path: Path):
    (tmp_path / "good").write_bytes(line_for(command, 1))
    for name, cause in (("none.jsonl", "No such file"), ("", "Is a directory")):
        result = vigie(command, str(tmp_path / "good"), str(tmp_path / name))
        assert result.exit_code == 1
        assert result.stderr.startswith(f"vigie: {tmp_path / name}: {cause}")
        assert len(result.stdout_bytes.splitlines()) == 1


def test_answer_is_there_before_the_next_line_is_written():
    command = [sys.executable, "-m", "agents", "detect"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for number in range(3):
            process.stdin.write(line_for("detect", number) + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait(20) == 0


def test_reader_that_goes_away_ends_the_command_quietly(tmp_path: Path):
    many = tmp_path / "many.jsonl"
    many.write_bytes(b"\n".join([b"[]"] * 200_000))
    command = f"'{sys.executable}' -m agents detect '{many}' | head -n 1"
    result = subprocess.run(command, shell=True, capture_output=True, timeout=60, check=False)  # noqa: S602 - a pipe is the point
    assert json.loads(result.stdout)["error"]["reason"] == "not_object"
    assert result.stderr == b""


# fields


def test_split_takes_html_and_tells_other_types_apart():
    page = "<html><body><article><p>Le ministre est arrivé hier à Bamako pour une visite de deux jours.</p></article></body></html>"
    rows = [
        {"id": kind, "text": page, "content_type": kind}
        for kind in ("text/html", "Text/HTML; charset=utf-8", None, "image/png", [])
    ]
    found = answers(vigie("split", lines="\n".join(map(json.dumps, rows)).encode()))
    assert "ministre" in found[0]["text"]
    assert found[1] == found[0] | {"id": found[1]["id"]}
    assert "text" not in found[2]
    assert [each["error"]["reason"] for each in found[3:]] == ["unsupported_content_type", "wrong_type"]


def test_formats_of_the_answers():
    split = answers(vigie("split", lines=line_for("split", 1)))[0]
    assert list(split) == ["id", "segments", "confidence", "evidence"]
    assert list(split["segments"][0]) == ["kind", "start", "end", "author"]
    assert list(answers(vigie("detect", lines=line_for("detect", 1)))[0]) == ["id", "tag", "confidence"]
    tagged = answers(vigie("tag", lines=b'{"id":1,"text":"Abdoulaye Diop \xf0\x9f\x98\x80 \xc3\xa0 Bamako","language":"fr"}'))[0]
    assert list(tagged) == ["id", "entities"]
    assert [(each["start"], each["end"]) for each in tagged["entities"] if each["type"] == "LOC"] == [(19, 25)]
    assert {tuple(each) for each in tagged["entities"]} == {("start", "end", "type", "name", "qid")}
    assert list(answers(vigie("enrich", lines=line_for("enrich", 1)))[0]) == ["article", "comments", "alerts"]


def test_empty_text_and_unknown_language_are_no_fault():
    assert answers(vigie("detect", lines=b'{"id":1,"text":""}'))[0]["tag"] == "und"
    assert answers(vigie("split", lines=b'{"id":1,"text":""}'))[0]["segments"] == []
    assert answers(vigie("tag", lines=b'{"id":1,"text":"","language":"xx"}'))[0]["entities"] == []
    assert answers(vigie("tag", lines=b'{"id":1,"text":"a","language":5}'))[0]["error"]["reason"] == "wrong_type"


def test_fault_of_ours_costs_one_line(monkeypatch: pytest.MonkeyPatch):
    from pipeline import language

    class Detector:
        def detect(self, text: str):
            raise RuntimeError(text)

    monkeypatch.setattr(language, "load_detector", lambda _name: Detector())
    found = answers(vigie("detect", lines=line_for("detect", 1) + b"\n" + b'{"id":2,"text":5}'))
    assert [(each["id"], each["error"]["reason"]) for each in found] == [(1, "internal"), (2, "wrong_type")]
    assert TEXT not in found[0]["error"]["message"]


def test_limits_follow_the_settings():
    long = line_for("detect", 1).replace(b"Bamako", b"Bamako " * 300)
    found = answers(vigie("detect", lines=long, VIGIE_EVENT_BYTES="1024"))
    assert found[0]["error"]["reason"] == "too_large"
