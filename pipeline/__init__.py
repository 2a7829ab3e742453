"""The core: pages in, events out; no Kafka, no environment, no clock of its own. What stands here is the Python API.

    from pipeline import RawArticle, load_pipeline, process

    pipeline = load_pipeline()                                     # about a second, once
    enriched, _ = process(RawArticle(url="https://example.org/a", content="..."), pipeline)

A Pipeline is immutable and may serve several threads; there may be several, with different rules, in one process
(docs/how-to/python.md).
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.codec import decode_raw, encode, rules_from_toml
    from pipeline.enrich import Pipeline, load_pipeline, mentions, process, process_together
    from pipeline.errors import InvalidEvent, InvalidRule, PipelineError
    from pipeline.events import Alert, Article, Comment, Enriched, Entity, Publisher, RawArticle, WatchRule

__all__ = [
    "Pipeline", "load_pipeline", "process", "process_together", "mentions",
    "RawArticle", "Publisher", "WatchRule", "Enriched", "Article", "Comment", "Alert", "Entity",
    "decode_raw", "encode", "rules_from_toml", "PipelineError", "InvalidEvent", "InvalidRule",
]  # fmt: skip

_MODULES = {
    **dict.fromkeys(("Pipeline", "load_pipeline", "process", "process_together", "mentions"), "enrich"),
    **dict.fromkeys(("decode_raw", "encode", "rules_from_toml"), "codec"),
    **dict.fromkeys(("PipelineError", "InvalidEvent", "InvalidRule"), "errors"),
}


def __getattr__(name: str) -> object:
    """Import what is asked for and no more: whoever wants the errors alone should not wait for the models' libraries."""
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    found: object = getattr(import_module(f"{__name__}.{_MODULES.get(name, 'events')}"), name)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
