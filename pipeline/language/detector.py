"""What language a text is in: script, then n-grams, then a dictionary's vote, then the article's language as a prior."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from pipeline.events import Language
from pipeline.language.model import Model
from pipeline.language.scoring import Evidence, Foreign, Scorer, softmax
from pipeline.language.scripts import by_script
from pipeline.language.words import shortened

UNDETERMINED = "und"
# Below this the text's own evidence is weak: the dictionary votes, and the article's language may decide.
_WEAK = 0.75
# How much likelier a comment is in its article's language than in another: used on weak evidence alone.
_PRIOR_LOG_ODDS = math.log(6)
# What a text all of a dictionary's words adds to the log-odds of its language, when the n-grams are unsure.
_VOTE = 1.5
# The dictionary of a language that the n-grams were not trained on decides from this share of the words on, and two of them.
_DICTIONARY_SHARE = 0.3
# Another language's tag is given only from this probability and this much evidence (about 25 letters) on.
_SURE, _SURE_AMOUNT = 0.97, 90
# A scrap of so little (about nine letters) is no evidence of another language: the article's decides, at even odds at least.
_SCRAP_AMOUNT = 30
# Characters of an article that are read.
_ARTICLE = 1_024
# From this probability of being no language on, the article's language says nothing of a text.
_NOISE = 0.15


class Detector(Protocol):
    """Tells the language of a text; `name` is the model's, with a short hash of what it was made of."""

    @property
    def name(self) -> str:
        """Name of the model."""
        ...

    def detect(self, text: str, *, prior: str | None = None) -> Language:
        """Language of any string; `prior` is a language that the text is likely to be in, used on weak evidence alone."""
        ...

    def detect_all(self, texts: Sequence[str], *, prior: str | None = None) -> list[Language]:
        """What `detect` says of each text; faster than one by one where the detector computes them together."""
        ...

    def detect_page(self, article: str, comments: Sequence[str]) -> tuple[Language, list[Language]]:
        """The language of an article, without segments, and those of its comments, with the article's as their prior."""
        ...


_NOTHING = Language(tag=UNDETERMINED, confidence=1.0, method="none")


@dataclass(frozen=True)
class VigieDetector:
    """Decides between the languages that have a folder, the model's background classes, and `und`.

    `dictionaries` are the frequent words of each language that has a folder, by tag. Methods: none (no words), script, ngram,
    dictionary, prior.
    """

    model: Model
    dictionaries: Mapping[str, frozenset[str]]

    @property
    def name(self) -> str:
        """Name and hash of the model."""
        return f"vigie-ngram-{self.model.digest}"

    @cached_property
    def _languages(self) -> tuple[str, ...]:
        return tuple(self.dictionaries)

    @cached_property
    def _scorer(self) -> Scorer:
        return Scorer(self.model, self._languages)

    @cached_property
    def _unseen(self) -> tuple[str, ...]:
        """Languages known by their dictionaries alone."""
        return tuple(tag for tag in self._languages if tag not in self.model.classes)

    def detect(self, text: str, *, prior: str | None = None) -> Language:
        """Language of any string; never raises; time is linear, and bounded once the text is longer than words.LONG."""
        return self.detect_all([text], prior=prior)[0]

    def detect_all(self, texts: Sequence[str], *, prior: str | None = None) -> list[Language]:
        """Languages of any strings, computed together: several times as fast as one by one."""
        return [self._decide(found, prior) for found in self._scorer.score(texts)]

    def detect_page(self, article: str, comments: Sequence[str]) -> tuple[Language, list[Language]]:
        """The languages of a page, computed together."""
        first, *others = self._scorer.score([shortened(article, _ARTICLE), *comments])
        language = self._decide(first, None)
        if language.segments:
            language = Language(tag=language.tag, confidence=language.confidence, method=language.method)
        return language, [self._decide(found, language.tag) for found in others]

    def _decide(self, found: Evidence | Foreign | None, prior: str | None) -> Language:
        """The language of a text by what it says."""
        if found is None:
            return _NOTHING
        if isinstance(found, Foreign):
            tag, share = by_script(found.text)
            return Language(tag=tag, confidence=round(0.99 * share, 4), method="script")
        if self._unseen and (unseen := self._dictionary_alone(found)):
            return unseen
        is_noise = found.noise >= _NOISE
        winner, chance, method = found.best, found.chance, "ngram"
        if chance < _WEAK:
            winner, chance, method = self._weigh(found, None if is_noise else prior)
        if winner < len(self._languages):
            return Language(tag=self._languages[winner], confidence=round(chance, 4), method=method, segments=found.segments)
        if prior in self._languages and found.amount <= _SCRAP_AMOUNT and not is_noise:
            own = float(found.chances[self._languages.index(prior)])
            return Language(tag=prior, confidence=round(max(own, 0.5), 4), method="prior")
        return self._background(found, chance, method)

    def _weigh(self, found: Evidence, prior: str | None) -> tuple[int, float, str]:
        """The winner after the dictionary's vote and, if evidence is still weak, the prior; its chance; and what decided."""
        method = "ngram"
        logs = found.logs + _VOTE * np.array([*self._shares(found), 0.0], dtype=np.float32)
        chances = softmax(logs)
        best = int(chances.argmax())
        if best != found.best:
            method = "dictionary"
        if prior in self._languages and chances[best] < _WEAK:
            logs[self._languages.index(prior)] += _PRIOR_LOG_ODDS
            chances = softmax(logs)
            if int(chances.argmax()) != best:
                best, method = int(chances.argmax()), "prior"
        return best, float(chances[best]), method

    def _shares(self, found: Evidence) -> list[float]:
        """What share of the words each dictionary holds."""
        words = found.reading.words(found.place)
        return [sum(word in dictionary for word in words) / len(words) for dictionary in self.dictionaries.values()]

    def _dictionary_alone(self, found: Evidence) -> Language | None:
        """The language without n-gram class whose dictionary holds enough of the words, unless n-grams are sure of another."""
        shares = dict(zip(self._languages, self._shares(found), strict=True))
        tag = max(self._unseen, key=shares.__getitem__)
        share, words = shares[tag], len(found.reading.words(found.place))
        strongest = float(found.chances[:-1].max())
        if share < _DICTIONARY_SHARE or share * words < 2 or share < max(shares.values()) or strongest > _WEAK:
            return None
        return Language(tag=tag, confidence=round(min(0.5 + share / 2, 0.99), 4), method="dictionary")

    def _background(self, found: Evidence, other: float, method: str) -> Language:
        """Another language when the n-grams are sure of it, else `und`; `other` is the chance that it is neither's."""
        tag, chance = self.model.classes[found.peak], found.peak_chance
        if len(tag) == 2 and chance >= _SURE and found.amount >= _SURE_AMOUNT:  # ISO 639-1; longer names are groups and unsure
            return Language(tag=tag, confidence=round(min(chance, other), 4), method=method)
        return Language(tag=UNDETERMINED, confidence=round(other, 4), method=method)
