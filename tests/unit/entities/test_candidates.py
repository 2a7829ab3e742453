"""Which candidates are kept."""

from pipeline.entities.candidates import Candidate, Pool


def test_the_longer_of_two_likely_spans_is_kept() -> None:
    short, long = Candidate(1, 1, "LOC", 0.8, ("run",)), Candidate(0, 2, "ORG", 0.75, ("gazetteer",))
    assert Pool([short, long]).resolve() == [long]


def test_agreement_adds_evidence_item_and_confidence() -> None:
    model, memory = Candidate(0, 0, "LOC", 0.8, ("model",)), Candidate(0, 0, "LOC", 0.7, ("memory",), item=5)
    (kept,) = Pool([model, memory, Candidate(0, 0, "LOC", 0.4, ("gazetteer",), item=7)]).resolve()
    assert kept[2:] == ("LOC", kept.score, ("model", "memory", "gazetteer"), 7, "")
    assert 0.8 < kept.score < 1


def test_another_type_lends_nothing() -> None:
    person, place = Candidate(0, 0, "PER", 0.8, ("model",)), Candidate(0, 0, "LOC", 0.7, ("gazetteer",), item=7)
    assert Pool([place, person]).resolve() == [person]


def test_unlikely_candidates_are_dropped_and_the_rest_is_in_order() -> None:
    weak, second, first = (Candidate(n, n, "LOC", score, ("run",)) for n, score in ((9, 0.3), (5, 0.9), (2, 0.6)))
    assert Pool([weak, second, first]).resolve() == [first, second]
