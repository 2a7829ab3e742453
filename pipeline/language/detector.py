"""What language a text is in: script, then n-grams, then a dictionary's vote, then the article's language as a prior."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from pipeline.events import Language
from pipeline.language.model import Model
from pipeline.language.scripts import by_script
from pipeline.language.words import is_latin, words

UNDETERMINED = "und"
# Below this the text's own evidence is weak: the dictionary votes, and the article's language may decide.
_WEAK = 0.75
# How much likelier a comment is in its article's language than in another: used on weak evidence alone.
_PRIOR_LOG_ODDS = math.log(6)
# What a text all of a dictionary's words adds to the log-odds of its language, when the n-grams are unsure.
_VOTE = 1.5
# The dictionary of a language that the n-grams were not trained on decides from this share of the words on, and two of them.
_DICTIONARY_SHARE = 0.3
# Another language's tag is given only from this probability and this many n-grams (about 25 letters) on.
_SURE, _SURE_GRAMS = 0.97, 120
# Probability floor: keeps a logarithm finite, far below anything that decides.
FLOOR = 1e-6


class Detector(Protocol):
    """Tells the language of a text; `name` is the model's, with a short hash of what it was made of."""

    @property
    def name(self) -> str:
        """Name of the model."""
        ...

    def detect(self, text: str, *, prior: str | None = None) -> Language:
        """Language of any string; `prior` is a language that the text is likely to be in, used on weak evidence alone."""
        ...


def _softmax(logs: list[float]) -> list[float]:
    top = max(logs)
    powers = [math.exp(value - top) for value in logs]
    total = sum(powers)
    return [power / total for power in powers]


@dataclass(frozen=True)
class VigieDetector:
    """Decides between the languages that have a folder, the model's background classes, and `und`.

    `languages` are the folders' tags, in the order of the model's dictionaries. Methods: none (no words), script, ngram,
    dictionary, prior.
    """

    model: Model
    languages: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name and hash of the model."""
        return f"vigie-ngram-{self.model.digest}"

    @cached_property
    def _columns(self) -> list[int | None]:
        """The model's class of each language; None for a language that only its dictionary knows."""
        classes = self.model.classes
        return [classes.index(tag) if tag in classes else None for tag in self.languages]

    def detect(self, text: str, *, prior: str | None = None) -> Language:
        """Language of any string; never raises; time is linear, and bounded once the text is longer than words.HEAD."""
        found = words(text)
        latin = found if text.isascii() else [word for word in found if is_latin(word)]
        if not found:
            return Language(tag=UNDETERMINED, confidence=1.0, method="none")
        if 2 * sum(map(len, latin)) < sum(map(len, found)):
            tag, share = by_script([word for word in found if not is_latin(word)])
            return Language(tag=tag, confidence=round(0.99 * share, 4), method="script")
        scores, grams, hits = self.model.score(latin)
        powers = np.exp(scores - scores.max())
        total = float(powers.sum())
        own = [0.0 if column is None else float(powers[column]) / total for column in self._columns]
        unknown = self._dictionary_alone([count / len(latin) if count > 1 else 0.0 for count in hits], max(own))
        if unknown:
            return unknown
        logs = self._calibrated(own, grams)
        chances = _softmax(logs)
        method = "ngram"
        if max(chances) < _WEAK:
            chances, method = self._weigh(logs, chances, [count / len(latin) for count in hits], prior)
        best = max(range(len(chances)), key=chances.__getitem__)
        if best < len(self.languages):
            return Language(tag=self.languages[best], confidence=round(chances[best], 4), method=method)
        return self._background(powers / total, grams, chances[best], method)

    def _calibrated(self, own: list[float], grams: int) -> list[float]:
        """Log-probabilities of the languages that have a folder, and last that of all others together."""
        fit, bits = self.model.calibration, math.log2(grams)
        slope = fit.slope + fit.slope_per_bit * bits
        logs = [slope * math.log(chance + FLOOR) for chance in own]
        other = math.log(max(1.0 - sum(own), 0.0) + FLOOR)
        return [*logs, slope * other + fit.other + fit.other_per_bit * bits]

    def _weigh(self, logs: list[float], chances: list[float], shares: list[float], prior: str | None) -> tuple[list[float], str]:
        """Chances after the dictionary's vote and, if evidence is still weak, the prior; and what decided."""
        method, before = "ngram", max(range(len(chances)), key=chances.__getitem__)
        logs = [log + _VOTE * share for log, share in zip(logs, [*shares, 0.0], strict=True)]
        chances = _softmax(logs)
        best = max(range(len(chances)), key=chances.__getitem__)
        if best != before:
            method = "dictionary"
        if prior in self.languages and chances[best] < _WEAK:
            logs[self.languages.index(prior)] += _PRIOR_LOG_ODDS
            chances = _softmax(logs)
            if max(range(len(chances)), key=chances.__getitem__) != best:
                method = "prior"
        return chances, method

    def _dictionary_alone(self, shares: list[float], strongest: float) -> Language | None:
        """The language without n-gram class whose dictionary holds enough of the words, unless n-grams are sure of another."""
        unseen = [(share, tag) for share, tag, column in zip(shares, self.languages, self._columns, strict=True) if column is None]
        share, tag = max(unseen, default=(0.0, UNDETERMINED))
        if share < _DICTIONARY_SHARE or share < max(shares) or strongest > _WEAK:
            return None
        return Language(tag=tag, confidence=round(min(0.5 + share / 2, 0.99), 4), method="dictionary")

    def _background(self, by_class: np.ndarray, grams: int, other: float, method: str) -> Language:
        """Another language when the n-grams are sure of it, else `und`; `other` is the chance that it is neither's."""
        best = int(by_class.argmax())
        tag, chance = self.model.classes[best], float(by_class[best])
        if len(tag) == 2 and chance >= _SURE and grams >= _SURE_GRAMS:
            return Language(tag=tag, confidence=round(min(chance, other), 4), method=method)
        return Language(tag=UNDETERMINED, confidence=round(other, 4), method=method)
