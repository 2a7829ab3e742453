"""`vigie enrich|split|detect|tag`: the stages on JSON Lines, without Kafka."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from agents.cli.context import read_settings
from agents.cli.lines import answer_lines, read_fields
from pipeline.events import ContentType, Entity, WatchRule

Files = Annotated[list[Path] | None, typer.Argument(help="JSON Lines files; standard input when none or -", show_default=False)]
_HTML = "text/html"
_TYPES: dict[Any, ContentType] = {"text/plain": "text/plain", _HTML: "text/html"}


def enrich(
    files: Files = None, rules: Annotated[Path | None, typer.Option("--rules", help="TOML file with [[rules]] tables")] = None
) -> None:
    """Enrich raw events: {"article", "comments", "alerts"} a line."""
    from pipeline.codec import decode_raw, encode
    from pipeline.process import load_pipeline, process

    settings = read_settings()
    pipeline = load_pipeline(read_rules(rules) if rules else (), detector=settings.detector)

    def answer(line: bytes) -> bytes:
        return encode(process(decode_raw(line, limits=settings.limits), pipeline, time.perf_counter)[0])

    answer_lines(files or (), answer)


def split(files: Files = None) -> None:
    """Split pages: {"id", "text", "content_type"?} in, {"id", "segments", "confidence", "evidence"} out."""
    from pipeline.errors import InvalidEvent, Reason
    from pipeline.split import split as split_page

    limits = read_settings().limits

    def answer(line: bytes) -> dict[str, Any]:
        fields = read_fields(line, limits, "text")
        kind = _TYPES.get(fields.get("content_type") or "text/plain")
        if kind is None:
            raise InvalidEvent(Reason.UNSUPPORTED_CONTENT_TYPE, "`content_type` takes text/plain or text/html")
        layout = split_page(fields["text"], kind)
        answered = {
            "id": fields.get("id"),
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
        return answered | ({"text": layout.text} if kind == _HTML else {})

    answer_lines(files or (), answer)


def detect(files: Files = None) -> None:
    """Detect languages: {"id", "text"} in, {"id", "tag", "confidence"} out."""
    from pipeline.language import load_detector

    settings = read_settings()
    detector = load_detector(settings.detector)

    def answer(line: bytes) -> dict[str, Any]:
        fields = read_fields(line, settings.limits, "text")
        language = detector.detect(fields["text"])
        return {"id": fields.get("id"), "tag": language.tag, "confidence": language.confidence}

    answer_lines(files or (), answer)


def tag(files: Files = None) -> None:
    """Tag entities: {"id", "text", "language"?} in, {"id", "entities": [{"start", "end", "type", "name", "qid"}]} out."""
    from pipeline.entities import load_tagger

    limits = read_settings().limits
    tagger = load_tagger()

    def answer(line: bytes) -> dict[str, Any]:
        fields = read_fields(line, limits, "text")
        language = fields.get("language")
        found = tagger.tag(["", fields["text"]], languages=(language, language) if isinstance(language, str) else ())[1]
        return {"id": fields.get("id"), "entities": [_entity(each) for each in found]}

    answer_lines(files or (), answer)


def _entity(entity: Entity) -> dict[str, Any]:
    return {"start": entity.start, "end": entity.end, "type": entity.type, "name": entity.name, "qid": entity.id}


def read_rules(path: Path) -> tuple[WatchRule, ...]:
    """Read a rules file; exits 1 with the fault and where it is."""
    from pipeline.alerts import check_rule
    from pipeline.codec import rules_from_toml
    from pipeline.errors import InvalidRule

    try:
        rules = rules_from_toml(path.read_text(encoding="utf-8"))
        for rule in rules:
            check_rule(rule)
    except (OSError, UnicodeDecodeError) as error:
        typer.echo(f"vigie: {path}: {error}; name a TOML file with [[rules]] tables", err=True)
        raise typer.Exit(1) from None
    except InvalidRule as error:
        where = "" if error.position is None else f" (at character {error.position})"
        typer.echo(f"vigie: {path}: {error.message}{where}", err=True)
        raise typer.Exit(1) from None
    return rules
