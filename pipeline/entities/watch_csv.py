"""A watch list from a spreadsheet: CSV with a line of headings, `name` and `type`, and `id` and `aliases` where there are any."""

import csv
from collections.abc import Iterable, Iterator

import msgspec

from pipeline.entities.candidates import TYPES
from pipeline.errors import InvalidWatchList

_COLUMNS = ("name", "type", "id", "aliases")
_NEEDED = _COLUMNS[:2]
_BETWEEN = "|"  # aliases in their one cell


def lines_of(table: Iterable[str]) -> Iterator[bytes]:
    """The lines of a watch list in JSON (WatchList.from_lines), each with the number that its row has in the file.

    Between cells stand commas, semicolons or tabs, as the headings have them. A row without an id has its name for one.
    InvalidWatchList says what is wrong with the headings, or with which line (the first, of a row over several).
    """
    lines = iter(table)
    first = next(lines, "")
    separator = max(",;\t", key=first.count)
    columns = [heading.strip().lower() for heading in next(csv.reader([first], delimiter=separator), [])]
    _check(columns)
    yield b""
    written, rows = 1, csv.reader(lines, delimiter=separator, strict=True)
    try:
        for cells in rows:
            number = rows.line_num + 1
            if any(cell.strip() for cell in cells[len(columns) :]):
                mend = f"write {_BETWEEN} between aliases, quotes around a comma"
                raise InvalidWatchList(f"line {number:,}: more cells than headings; {mend}")
            yield from [b""] * (number - written - 1)  # a cell may go over several lines
            yield _line(dict(zip(columns, map(str.strip, cells), strict=False)), number)
            written = number
    except csv.Error as error:
        said = "a quote is not closed" if "end of data" in str(error) else str(error)
        raise InvalidWatchList(f"line {written + 1:,}: {said}; mend the row, or save the table as CSV anew") from None


def _check(columns: list[str]) -> None:
    wrong = [name for name in columns if name not in _COLUMNS]
    missing = [name for name in _NEEDED if name not in columns]
    if wrong or missing or len({*columns}) < len(columns):
        seen = ", ".join(columns) or "missing"
        raise InvalidWatchList(f"line 1: the headings are {seen}; write name and type, and id and aliases where there are any")


def _line(row: dict[str, str], number: int) -> bytes:
    """A row as JSON; nothing for an empty one."""
    if not any(row.values()):
        return b""
    if not row.get("name"):
        raise InvalidWatchList(f"line {number:,}: there is no name; write one, or take the row out")
    if (kind := row.get("type", "").upper()) not in TYPES:
        raise InvalidWatchList(f"line {number:,}: the type is {kind or 'missing'}; write {', '.join(TYPES[:-1])} or {TYPES[-1]}")
    aliases = [alias.strip() for alias in row.get("aliases", "").split(_BETWEEN) if alias.strip()]
    return msgspec.json.encode({"id": row.get("id") or row["name"], "type": kind, "name": row["name"], "aliases": aliases})
