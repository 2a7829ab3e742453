"""A language detector by name, its answers and what they cost: run by .venv-bench, for tests/bench/languages.py.

    python -m tests.bench.peers.detectors NAME < TEXTS > ANSWERS

TEXTS: a line of JSON, a list of lists of texts; ANSWERS: a line of JSON with the CPU seconds of loading, USS added (MiB), texts a
CPU second (the first 2,000 of the first list, none of them seen before), and for each list the (tag, confidence) of each text. Each
detector is called by what it offers for the tag alone while it is timed, and for the confidence afterwards.
"""

import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import orjson
import psutil

Answer = tuple[str, float]
TIMED = 2_000  # texts


class Peer(NamedTuple):
    """Tags of texts as fast as the detector can, and tags with confidence; any tag but an ISO 639 code is `und`."""

    tags: Callable[[list[str]], object]
    answers: Callable[[list[str]], list[Answer]]


def _ours(kind: str, together: int) -> Peer:
    from pipeline.language import load_detector

    detector = load_detector(kind)

    def tags(texts: list[str]) -> object:
        return [detector.detect_all(texts[first : first + together]) for first in range(0, len(texts), together)]

    return Peer(tags, lambda texts: [(found.tag, found.confidence) for found in detector.detect_all(texts)])


def _lingua() -> Peer:
    from lingua import LanguageDetectorBuilder

    detector = LanguageDetectorBuilder.from_all_languages().with_preloaded_language_models().build()

    def answer(text: str) -> Answer:
        best = detector.compute_language_confidence_values(text)[0]
        return (best.language.iso_code_639_1.name.lower(), best.value) if best.value else ("und", 1.0)

    return Peer(lambda texts: [detector.detect_language_of(text) for text in texts], lambda texts: [answer(text) for text in texts])


def _py3langid() -> Peer:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    detector = LanguageIdentifier.from_model_file(MODEL_FILE)

    def answers(texts: list[str]) -> list[Answer]:
        normed = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        return [(tag, float(chance)) for tag, chance in map(normed.classify, texts)]

    return Peer(lambda texts: [detector.classify(text) for text in texts], answers)


PEERS: dict[str, Callable[[], Peer]] = {
    "vigie": lambda: _ours("vigie", TIMED),
    "vigie, 16 at a time": lambda: _ours("vigie", 16),  # as many as a page has comments
    "vigie, one by one": lambda: _ours("vigie", 1),
    "langdetect": lambda: _ours("langdetect", 1),
    "lingua": _lingua,
    "py3langid": _py3langid,
}


def main() -> None:
    lists, own = orjson.loads(sys.stdin.buffer.read()), psutil.Process()
    before, begun = own.memory_full_info().uss, time.process_time()
    peer = PEERS[sys.argv[1]]()
    peer.tags(["bonjour le monde"])
    loaded = time.process_time() - begun
    begun = time.process_time()
    peer.tags(lists[0][:TIMED])
    seconds = time.process_time() - begun
    added = (own.memory_full_info().uss - before) / 2**20
    answers = [peer.answers(texts) for texts in lists]
    result = {"load": loaded, "memory": added, "speed": TIMED / seconds, "answers": answers}
    sys.stdout.buffer.write(orjson.dumps(result))


if __name__ == "__main__":
    main()
