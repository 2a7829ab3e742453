"""What the n-grams say of texts: all texts read, hashed and summed at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from pipeline.events import LanguageSegment
from pipeline.language import segments
from pipeline.language.letters import Places, Reading, read
from pipeline.language.model import NOISE, Floats, Model, evidence
from pipeline.language.segments import Clauses
from pipeline.language.words import LONG, cleaned

# Probability floor: keeps a logarithm finite, far below anything that decides.
FLOOR = 1e-6
# Characters that are computed together: few enough to stay in the processor's cache.
_TOGETHER = 8_192
# A clause that leads by so much for one language, and another for another, are reason to look for a change.
_LEAD = 3.0


class Evidence(NamedTuple):
    """What the Latin letters of a text say.

    `logs` and `chances`: log-probabilities and probabilities of the languages that have a folder, and last of all others together;
    `best` and `chance`: the likeliest of them; `peak` and `peak_chance`: the model's likeliest class; `noise`: the probability of
    no language. `reading.words(place)` gives the words.
    """

    logs: Floats
    chances: Floats
    best: int
    chance: float
    peak: int
    peak_chance: float
    noise: float
    amount: float
    reading: Reading
    place: int
    segments: tuple[LanguageSegment, ...]


class Foreign(NamedTuple):
    """A text mostly in letters of other scripts."""

    text: str


def softmax(logs: Floats) -> Floats:
    """Probabilities along the last axis."""
    powers: Floats = np.exp(logs - logs.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers


@dataclass(frozen=True)
class Scorer:
    """Scores texts for some languages by a model; a language that is no class of the model has no chance here."""

    model: Model
    languages: tuple[str, ...]

    @cached_property
    def columns(self) -> list[int | None]:
        """The model's class of each language; None for a language that the model does not know."""
        classes = self.model.classes
        return [classes.index(tag) if tag in classes else None for tag in self.languages]

    @cached_property
    def _known(self) -> tuple[list[int], list[int]]:
        """Languages that are classes of the model, and which classes."""
        pairs = [(number, column) for number, column in enumerate(self.columns) if column is not None]
        return [number for number, _ in pairs], [column for _, column in pairs]

    def score(self, texts: Sequence[str]) -> list[Evidence | Foreign | None]:
        """What each text says; None where it holds no word."""
        ready = cleaned(texts)
        answers: list[Evidence | Foreign | None] = []
        first = 0
        while first < len(ready):
            last, size = first + 1, len(ready[first])
            while last < len(ready) and size + len(ready[last]) <= _TOGETHER:
                size += len(ready[last])
                last += 1
            answers += self._together(texts[first:last], ready[first:last])
            first = last
        return answers

    def _together(self, texts: Sequence[str], ready: list[str]) -> list[Evidence | Foreign | None]:
        reading = read(ready)
        firsts = reading.firsts
        words = np.diff(firsts)
        letters = np.diff(reading.begins[firsts]) - words
        answers: list[Evidence | Foreign | None] = [None] * len(texts)
        places = np.flatnonzero(words)
        if places.size:
            for found in self._latin(texts, reading, places, letters, words):
                answers[found.place] = found
        if reading.foreign.any():
            for place in np.flatnonzero(reading.foreign > letters).tolist():
                answers[place] = Foreign(ready[place])
        return answers

    def judge(self, sums: Floats, amounts: Floats) -> Floats:
        """Probabilities of the languages, and last of all others together, from sums of rows and their evidence."""
        return softmax(self._calibrated(softmax(self.model.scores(sums, amounts)), amounts))

    def _latin(self, texts: Sequence[str], reading: Reading, places: Places, letters: Places, words: Places) -> Iterator[Evidence]:
        """The evidence of the texts (`places`) that have words."""
        firsts = reading.clauses()
        sums = self.model.sums(reading.numbers, reading.begins[firsts])
        begins = firsts.searchsorted(reading.firsts[places])
        amounts = evidence(letters[places], words[places])
        by_class = softmax(self.model.scores(np.add.reduceat(sums, begins, axis=0), amounts))
        logs = self._calibrated(by_class, amounts)
        chances = softmax(logs)
        best, peak = chances.argmax(axis=1), by_class.argmax(axis=1)
        rows = np.arange(places.size)
        noise = by_class[:, self.model.classes.index(NOISE)]
        likeliest = zip(best.tolist(), chances[rows, best].tolist(), peak.tolist(), by_class[rows, peak].tolist(), strict=True)
        others = zip(noise.tolist(), amounts.tolist(), places.tolist(), strict=True)
        changing = self._changing(segments.clauses_of(reading, firsts, sums), begins) if firsts.size > places.size else {}
        for number, (of_best, (none, amount, place)) in enumerate(zip(likeliest, others, strict=True)):
            found = self._segments(changing[number], texts[place], int(reading.bounds[place])) if number in changing else ()
            yield Evidence(logs[number], chances[number], *of_best, none, amount, reading, place, found)

    def _calibrated(self, by_class: Floats, amounts: Floats) -> Floats:
        """Log-probabilities of the languages, and last of all others together, up to a constant."""
        fit, bits = self.model.calibration, np.log2(amounts)
        numbers, columns = self._known
        own = np.zeros((len(by_class), len(self.languages) + 1), dtype=np.float32)
        own[:, numbers] = by_class[:, columns]
        own[:, -1] = np.maximum(1.0 - own.sum(axis=1), 0.0)
        logs: Floats = np.log(own + np.float32(FLOOR)) * (fit.slope + fit.slope_per_bit * bits)[:, None]
        logs[:, -1] += fit.other + fit.other_per_bit * bits
        return logs

    def _changing(self, clauses: Clauses, begins: Places) -> dict[int, Clauses]:
        """The clauses of those texts, by number, where one clause leads for one language and another for another."""
        _, columns = self._known
        if len(columns) < 2:
            return {}
        own = self.model.scores(clauses.sums, clauses.amounts, columns)
        winner, two = own.argmax(axis=1), np.partition(own, -2, axis=1)
        leads = (two[:, -1] - two[:, -2] > _LEAD) & (clauses.words >= segments.WORDS)
        ahead = winner[leads]
        if not ahead.size or (ahead == ahead[0]).all():
            return {}
        low = np.minimum.reduceat(np.where(leads, winner, len(columns)), begins)
        high = np.maximum.reduceat(np.where(leads, winner, -1), begins)
        ends = np.append(begins[1:], len(winner))
        return {number: clauses.part(begins[number], ends[number]) for number in np.flatnonzero(low < high).tolist()}

    def _segments(self, clauses: Clauses, text: str, offset: int) -> tuple[LanguageSegment, ...]:
        """The stretches of a text that starts at `offset` of the texts read, each without the white space behind it."""
        if len(text) > LONG:
            return ()
        found = segments.stretches(clauses, self.judge)
        starts = [stretch.start - offset for stretch in found]
        return tuple(
            LanguageSegment(
                start=start,
                end=start + len(text[start:end].rstrip()),
                tag=self.languages[stretch.language],
                confidence=round(stretch.chance, 4),
            )
            for start, end, stretch in zip(starts, [*starts[1:], len(text)], found, strict=False)
        )
