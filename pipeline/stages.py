"""Stages of your own: each one function in one file, and one name in the settings.

A stage is given a finished article or comment, and answers one value that JSON can hold (a number, text, a list, a dictionary, a
struct), or None for nothing. It stands in the event's `extra` under the function's name.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from traceback import walk_tb
from typing import TypeVar

import msgspec

from pipeline.errors import InvalidStage, StageFailed
from pipeline.events import Article, Comment

Stage = Callable[[Article | Comment], object]
Document = TypeVar("Document", Article, Comment)


def load_stages(names: Sequence[str]) -> dict[str, Stage]:
    """The functions that `module:function` names, by the function's name; InvalidStage says which cannot be had, and why."""
    found: dict[str, Stage] = {}
    for each in names:
        module, _, name = each.partition(":")
        try:
            stage = getattr(import_module(module), name)
        except Exception as error:  # noqa: BLE001 - a module may fail in any way while it is imported
            message = f"the stage {each} cannot be had ({type(error).__name__}: {error}); is its folder on PYTHONPATH?"
            raise InvalidStage(message) from None
        if not callable(stage):
            message = f"the stage {each} is no function; write it as module:function"
            raise InvalidStage(message)
        if name in found:
            message = f"two stages are called {name}; each event has one value under a name, so rename one of the functions"
            raise InvalidStage(message)
        found[name] = stage
    return found


def extend(document: Document, stages: Mapping[str, Stage]) -> Document:
    """The document with what the stages say of it; StageFailed names the one that raises, or answers what JSON cannot hold."""
    extra = {name: value for name, stage in stages.items() if (value := _answer(name, stage, document)) is not None}
    return msgspec.structs.replace(document, extra=extra) if extra else document


def _answer(name: str, stage: Stage, document: Article | Comment) -> object:
    """What a stage says, as JSON would hold it. Memory that runs out is the page's affair, not the stage's."""
    try:
        value = stage(document)
    except MemoryError:
        raise
    except Exception as error:
        kind = type(error).__name__
        raise StageFailed(name, kind, f"raised {kind} ({_place(error)})") from error
    try:
        held: object = msgspec.json.decode(msgspec.json.encode(value))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        kind = type(error).__name__
        raise StageFailed(name, kind, f"answered a {type(value).__name__} that JSON cannot hold ({kind})") from error
    return held


def _place(error: Exception) -> str:
    """File and line of the stage's own file where it failed: the frame after ours, or a later one of the same file."""
    frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)][1:]
    own = frames[0][0] if frames else ""
    line = next((line for file, line in reversed(frames) if file == own), 0)
    return f"{Path(own).name}, line {line}" if own else "before its first line"
