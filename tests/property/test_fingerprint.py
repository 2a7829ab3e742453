from hypothesis import given
from hypothesis import strategies as st

from pipeline.fingerprint import fingerprint
from pipeline.text import WORD, fold

MASK = 2**64 - 1


def mixed(value: int) -> int:
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB & MASK
    return value ^ (value >> 31)


def reference(body: str) -> str:
    """The plain form of the vectorised kernel: one word, one shingle and one bit at a time."""
    base = 0x9E3779B97F4A7C15
    hashes = [mixed(sum(ord(c) * base**i for i, c in enumerate(word)) & MASK) for word in WORD.findall(fold(body))]
    size = min(3, len(hashes))
    shingles = [
        mixed(sum(h * base**i for i, h in enumerate(hashes[at : at + size])) & MASK) for at in range(len(hashes) - size + 1)
    ]
    bits = [sum(s >> bit & 1 for s in shingles) * 2 > len(shingles) for bit in range(64)] if hashes else []
    return f"{sum(1 << bit for bit, one in enumerate(bits) if one):016x}"


@given(st.text() | st.lists(st.sampled_from(["le", "la", "Mali", "été", "d'où", "12", "***"])).map(" ".join))
def test_the_kernel_agrees_with_its_plain_form(body):
    assert fingerprint(body) == reference(body)
