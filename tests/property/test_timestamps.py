from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.timestamps import parse, rfc3339

SETTINGS = settings(deadline=None, max_examples=300)


@SETTINGS
@given(text=st.text(max_size=30) | st.text("0123456789-:TtZz+. ", max_size=30))
def test_a_timestamp_is_a_moment_in_utc_or_refused(text: str) -> None:
    try:
        when = parse(text)
    except ValueError:
        return
    assert parse(rfc3339(when)) == when
