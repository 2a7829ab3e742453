"""What language a text is in: script, then n-grams, then a dictionary's vote, then the article's language as a prior."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from pipeline.events import Language
from pipeline.language.model import Floats, Model
from pipeline.language.scripts import by_script
from pipeline.language.words import latin, words

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
_SURE, _SURE_AMOUNT = 0.97, 120
# A scrap of so little (about nine letters) is no evidence of another language: the article's decides, at even odds at least.
_SCRAP_AMOUNT = 40
# The model's class for what is no language: laughter, hands on the keyboard.
_NOISE = "zxx"
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

    def detect_all(self, texts: Sequence[str], *, prior: str | None = None) -> list[Language]:
        """What `detect` says of each text; faster than one by one where the detector computes them together."""
        ...


_NOTHING = Language(tag=UNDETERMINED, confidence=1.0, method="none")


def _softmax(logs: Floats) -> Floats:
    """Probabilities along the last axis."""
    powers: Floats = np.exp(logs - logs.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers


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
    def _columns(self) -> list[int | None]:
        """The model's class of each language; None for a language that only its dictionary knows."""
        classes = self.model.classes
        return [classes.index(tag) if tag in classes else None for tag in self.dictionaries]

    @cached_property
    def _unseen(self) -> bool:
        """Whether a language is known by its dictionary alone."""
        return None in self._columns

    def detect(self, text: str, *, prior: str | None = None) -> Language:
        """Language of any string; never raises; time is linear, and bounded once the text is longer than words.HEAD."""
        return self.detect_all([text], prior=prior)[0]

    def detect_all(self, texts: Sequence[str], *, prior: str | None = None) -> list[Language]:
        """Languages of any strings, computed together: several times as fast as one by one."""
        answers = [_NOTHING] * len(texts)
        places, kept = [], []
        for place, text in enumerate(texts):
            found = words(text)
            own = found if text.isascii() else latin(found)
            if len(own) < len(found) and 2 * sum(map(len, own)) < sum(map(len, found)):
                tag, share = by_script([word for word in found if not latin([word])])
                answers[place] = Language(tag=tag, confidence=round(0.99 * share, 4), method="script")
            elif own:
                places.append(place)
                kept.append(own)
        if kept:
            for place, answer in zip(places, self._by_words(kept, prior), strict=True):
                answers[place] = answer
        return answers

    def _by_words(self, texts: list[list[str]], prior: str | None) -> list[Language]:
        """Languages of texts given as Latin words, at least one each."""
        scores, amounts = self.model.score(texts)
        by_class = _softmax(scores)
        logs = self._calibrated(by_class, amounts)
        chances = _softmax(logs)
        best = chances.argmax(axis=1)
        sure = chances[np.arange(len(texts)), best].tolist()
        answers = []
        for number, (found, winner, chance) in enumerate(zip(texts, best.tolist(), sure, strict=True)):
            if self._unseen and (unseen := self._dictionary_alone(found, float(chances[number, :-1].max()))):
                answers.append(unseen)
                continue
            method = "ngram"
            if chance < _WEAK:
                own_prior = None if self._is_noise(by_class[number]) else prior
                winner, chance, method = self._weigh(logs[number], winner, found, own_prior)  # noqa: PLW2901 - the weighed ones
            if winner < len(self._languages):
                answers.append(Language(tag=self._languages[winner], confidence=round(chance, 4), method=method))
            elif prior in self._languages and amounts[number] <= _SCRAP_AMOUNT and not self._is_noise(by_class[number]):
                own = float(chances[number, self._languages.index(prior)])
                answers.append(Language(tag=prior, confidence=round(max(own, 0.5), 4), method="prior"))
            else:
                answers.append(self._background(by_class[number], float(amounts[number]), chance, method))
        return answers

    def _calibrated(self, by_class: Floats, amounts: Floats) -> Floats:
        """Log-probabilities (texts x languages, and last all others together) of the languages that have a folder."""
        fit, bits = self.model.calibration, np.log2(amounts)
        own = np.zeros((len(by_class), len(self._columns) + 1), dtype=np.float32)
        for number, column in enumerate(self._columns):
            if column is not None:
                own[:, number] = by_class[:, column]
        own[:, -1] = np.maximum(1.0 - own.sum(axis=1), 0.0)
        logs: Floats = np.log(own + np.float32(FLOOR)) * (fit.slope + fit.slope_per_bit * bits)[:, None]
        logs[:, -1] += fit.other + fit.other_per_bit * bits
        return logs

    def _weigh(self, logs: Floats, before: int, found: list[str], prior: str | None) -> tuple[int, float, str]:
        """The winner after the dictionary's vote and, if evidence is still weak, the prior; its chance; and what decided."""
        method = "ngram"
        logs = logs + _VOTE * np.array([*self._shares(found), 0.0], dtype=np.float32)
        chances = _softmax(logs)
        best = int(chances.argmax())
        if best != before:
            method = "dictionary"
        if prior in self._languages and chances[best] < _WEAK:
            logs[self._languages.index(prior)] += _PRIOR_LOG_ODDS
            chances = _softmax(logs)
            if int(chances.argmax()) != best:
                best, method = int(chances.argmax()), "prior"
        return best, float(chances[best]), method

    def _shares(self, found: list[str]) -> list[float]:
        """What share of the words each dictionary holds."""
        return [sum(word in dictionary for word in found) / len(found) for dictionary in self.dictionaries.values()]

    def _dictionary_alone(self, found: list[str], strongest: float) -> Language | None:
        """The language without n-gram class whose dictionary holds enough of the words, unless n-grams are sure of another."""
        shares = self._shares(found)
        unseen = [(share, tag) for share, tag, column in zip(shares, self._languages, self._columns, strict=True) if column is None]
        share, tag = max(unseen)
        if share < _DICTIONARY_SHARE or share * len(found) < 2 or share < max(shares) or strongest > _WEAK:
            return None
        return Language(tag=tag, confidence=round(min(0.5 + share / 2, 0.99), 4), method="dictionary")

    def _is_noise(self, by_class: Floats) -> bool:
        return self.model.classes[int(by_class.argmax())] == _NOISE

    def _background(self, by_class: Floats, amount: float, other: float, method: str) -> Language:
        """Another language when the n-grams are sure of it, else `und`; `other` is the chance that it is neither's."""
        best = int(by_class.argmax())
        tag, chance = self.model.classes[best], float(by_class[best])
        if len(tag) == 2 and chance >= _SURE and amount >= _SURE_AMOUNT:  # ISO 639-1; longer names are groups and unsure
            return Language(tag=tag, confidence=round(min(chance, other), 4), method=method)
        return Language(tag=UNDETERMINED, confidence=round(other, 4), method=method)
