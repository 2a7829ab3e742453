"""`vigie enrich|split|detect|tag`: the stages on JSON Lines, without Kafka."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.cli.context import fail, read_settings
from agents.settings import Settings

if TYPE_CHECKING:
    from pipeline.enrich import Pipeline
    from pipeline.entities.watch_list import WatchList
    from pipeline.events import Entity, WatchRule

Files = Annotated[
    list[Path] | None, typer.Argument(help="JSON Lines files; standard input when there are none, or for -.", show_default=False)
]
AS_PUBLISH = "Files as publish reads them: .txt, .html, .jsonl, .json, .warc, folders of them"
RulesOption = Annotated[
    Path | None, typer.Option("--rules", help="Watch rules: a TOML file with a table for each.", show_default=False)
]
EXAMPLES = {
    "enrich": """Example:  echo '{"url": "https://example.org/a", "content": "Le Mali et la Russie ..."}' | vigie enrich""",
    "split": """Example:  echo '{"id": 1, "text": "An article.\\nA comment."}' | vigie split""",
    "detect": """Example:  echo '{"id": 1, "text": "Bonjour à tous"}' | vigie detect""",
    "tag": """Example:  echo '{"id": 1, "text": "Abdoulaye Diop est à Bamako"}' | vigie tag""",
}


def enrich(files: Files = None, rules: RulesOption = None) -> None:
    """Enrich raw events: articles, comments and alerts as JSON Lines.

    A line {"url", "content", ...} in, {"article", "comments", "alerts"} out. A line that cannot be used gives {"id",
    "error": {"reason", "message"}} and never stops the rest.
    """
    from agents.cli.lines import answer_together

    settings = read_settings()
    watched = read_rules(rules) if rules else ()

    from pipeline import enrich as pages
    from pipeline.codec import decode_raw, encode

    pipeline, mapping = pipeline_for(settings, watched), settings.mapping

    def read(line: bytes) -> pages.Draft:
        return pages.Draft(decode_raw(line, limits=settings.limits, mapping=mapping), pipeline)

    def answer(some: Sequence[pages.Draft]) -> list[bytes]:
        pages.tag(some, pipeline)
        return [encode(draft.finish(pipeline)[0]) for draft in some]

    answer_together(files or (), settings.limits, read, answer)


def split(files: Files = None) -> None:
    """Split pages into article, comments and the rest.

    {"id", "text", "content_type"?} in, {"id", "segments", "confidence", "evidence"} out. content_type is text/plain or
    text/html; for HTML, `text` (what was extracted) is added, and offsets refer to it.
    """
    from agents.cli.lines import answer_lines, id_of, optional_text, read_fields
    from pipeline.errors import InvalidEvent, Reason
    from pipeline.fields import CONTENT_TYPES
    from pipeline.split import split as split_page

    limits = read_settings().limits

    def answer(line: bytes) -> dict[str, Any]:
        fields = read_fields(line, limits, "text")
        media_type = (optional_text(fields, "content_type") or "text/plain").partition(";")[0].strip().lower()
        kind = CONTENT_TYPES.get(media_type)
        if kind is None:
            raise InvalidEvent(Reason.UNSUPPORTED_CONTENT_TYPE, "`content_type` takes text/plain or text/html")
        layout = split_page(fields["text"], kind)
        answered = {
            "id": id_of(line),
            "segments": [
                {"kind": each.kind, "start": each.start, "end": each.end, "author": each.author.name if each.author else None}
                for each in layout.segments
            ],
            "confidence": layout.confidence,
            "evidence": [
                {"name": each.name, "weight": each.weight} | ({} if each.start is None else {"start": each.start})
                for each in layout.evidence
            ],
        }
        return answered | ({"text": layout.text} if kind == "text/html" else {})

    answer_lines(files or (), limits, answer)


def detect(files: Files = None) -> None:
    """Detect languages.

    {"id", "text"} in, {"id", "tag", "confidence"} out; tag is an ISO 639 code (fr, en), or und where that cannot be told.
    """
    from agents.cli.lines import answer_together, id_of, read_fields
    from pipeline.language import load_detector

    settings = read_settings()
    detector = load_detector(settings.detector)

    def read(line: bytes) -> tuple[Any, str]:
        return id_of(line), read_fields(line, settings.limits, "text")["text"]

    def answer(some: Sequence[tuple[Any, str]]) -> list[Any]:
        found = detector.detect_all([text for _, text in some])
        return [
            {"id": given, "tag": language.tag, "confidence": language.confidence}
            for (given, _), language in zip(some, found, strict=True)
        ]

    answer_together(files or (), settings.limits, read, answer)


def tag(files: Files = None) -> None:
    """Tag the persons, organisations and places that a text names.

    {"id", "text", "language"?} in, {"id", "entities": [{"start", "end", "type", "name", "qid"}]} out. start and end count
    code points; type is PER, ORG or LOC; qid is the Wikidata id, that of your VIGIE_WATCH_LIST, or null.
    """
    from agents.cli.lines import answer_together, id_of, optional_text, read_fields
    from pipeline.entities import load_tagger
    from pipeline.tagging import Asked, tag_texts

    settings = read_settings()
    tagger = load_tagger(watch_list(settings))

    def read(line: bytes) -> tuple[Any, Asked]:
        fields = read_fields(line, settings.limits, "text")
        return id_of(line), Asked(fields["text"], language=optional_text(fields, "language"))

    def answer(some: Sequence[tuple[Any, Asked]]) -> list[Any]:
        tagged = tag_texts(tagger, [asked for _, asked in some])
        return [
            {"id": given, "entities": [_entity(each) for each in found]} for (given, _), found in zip(some, tagged, strict=True)
        ]

    answer_together(files or (), settings.limits, read, answer)


def _entity(entity: "Entity") -> dict[str, Any]:
    return {"start": entity.start, "end": entity.end, "type": entity.type, "name": entity.name, "qid": entity.id}


def read_rules(path: Path) -> "tuple[WatchRule, ...]":
    """Read a rules file; exits 1 with the fault and where it is."""
    from agents import watch_files

    try:
        return watch_files.read_rules(path)
    except watch_files.WatchFileError as error:
        fail(str(error))


def pipeline_for(settings: Settings, rules: "Sequence[WatchRule]") -> "Pipeline":
    """Load the stages as the settings say, under some rules; exits 1 when the names to watch cannot be used."""
    from pipeline.enrich import load_pipeline
    from pipeline.stages import load_stages

    return load_pipeline(
        rules, detector=settings.detector, author_key=settings.author_key.reveal(), watch_list=watch_list(settings),
        stages=load_stages(settings.stages),
    )  # fmt: skip


def watch_list(settings: Settings) -> "WatchList | None":
    """Read the names of VIGIE_WATCH_LIST, if it is set; exits 1 with the fault and its line."""
    from agents import watch_files

    try:
        return watch_files.read_names(Path(settings.watch_list)) if settings.watch_list else None
    except watch_files.WatchFileError as error:
        fail(str(error))
