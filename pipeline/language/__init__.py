"""What language a text is in. `load_detector("vigie")` is the detector to use; "langdetect" is the baseline."""

from typing import Literal

from pipeline import languages
from pipeline.language.detector import Detector, VigieDetector

Kind = Literal["vigie", "langdetect"]

__all__ = ["Detector", "Kind", "load_detector"]


def load_detector(kind: str = "vigie") -> Detector:
    """A detector by kind, freshly loaded; ValueError for another kind, InvalidModel when package data is damaged."""
    if kind == "vigie":
        from pipeline.language.model import load  # noqa: PLC0415 - the other detector needs no weights

        data = languages.read("detect")
        dictionaries = {tag: frozenset(" ".join(entry["words"]).split()) for tag, entry in data.items()}
        return VigieDetector(load(), dictionaries)
    if kind == "langdetect":
        from pipeline.language import baseline  # noqa: PLC0415 - a second of start-up that the default does without

        return baseline.load()
    message = f"unknown language detector {kind!r}; use 'vigie' or 'langdetect'"
    raise ValueError(message)
