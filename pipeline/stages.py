"""Stages of your own: each one function in one file, and one name in the settings.

A stage is given a finished article or comment, and answers one value that JSON can hold (a number, text, a list, a dictionary, a
struct), or None for nothing. It stands in the event's `extra` under the function's name.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TypeVar

import msgspec

from pipeline.errors import InvalidStage
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
    """The document with what the stages say of it. TypeError for a value that is none of JSON; what a stage raises is raised."""
    values = {name: stage(document) for name, stage in stages.items()}
    extra = {name: msgspec.json.decode(msgspec.json.encode(value)) for name, value in values.items() if value is not None}
    return msgspec.structs.replace(document, extra=extra) if extra else document
