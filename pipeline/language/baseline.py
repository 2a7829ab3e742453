"""langdetect behind the same protocol: the baseline, selectable by a setting."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

from langdetect import PROFILES_DIRECTORY, DetectorFactory, LangDetectException

from pipeline.events import Language

_SEED = 20240801
# As much as langdetect would read; cut first, because its own cleaning is not linear.
_HEAD = 10_000


@dataclass(frozen=True)
class LangdetectDetector:
    """langdetect with a fixed seed for each text, so that the same text always gets the same answer."""

    factory: DetectorFactory

    @property
    def name(self) -> str:
        """Name and version of the library."""
        return f"langdetect-{version('langdetect')}"

    def detect(self, text: str, *, prior: str | None = None) -> Language:  # noqa: ARG002 - langdetect's priors need every language
        """Language of any string; `und` where langdetect finds no features. Only the first 10,000 characters are read."""
        detector = self.factory.create()
        detector.seed = _SEED
        try:
            detector.append(text[:_HEAD].encode("utf-8", "replace").decode("utf-8"))
            best = detector.get_probabilities()[0]
        except (LangDetectException, IndexError):
            return Language(tag="und", confidence=1.0, method="none")
        return Language(tag=best.lang.split("-")[0], confidence=round(min(best.prob, 1.0), 4), method="langdetect")

    def detect_all(self, texts: Sequence[str], *, prior: str | None = None) -> list[Language]:
        """What `detect` says of each text."""
        return [self.detect(text, prior=prior) for text in texts]

    def detect_page(self, article: str, comments: Sequence[str]) -> tuple[Language, list[Language]]:
        """What `detect` says of each."""
        return self.detect(article), self.detect_all(comments)


def load() -> LangdetectDetector:
    """Load langdetect with its own 55 profiles (about a second)."""
    factory = DetectorFactory()
    factory.load_profile(PROFILES_DIRECTORY)
    return LangdetectDetector(factory)
