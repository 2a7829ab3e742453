from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.urls import canonical_url, check_url

SETTINGS = settings(deadline=None, max_examples=300)
HOSTS = st.sampled_from(["Example.com", "www.example.co.uk", "élysée.fr", "127.0.0.1", "[::1]", "a.b.", "user@x.org"])
PARAMETERS = st.sampled_from(["utm_source=1", "a=1", "b", "", "fbclid=é", "UTM_x", "=", "a=utm_source", "?"])
QUERY = st.lists(PARAMETERS, max_size=4).map("&".join)
URLS = st.builds(
    "{}://{}{}{}?{}#{}".format,
    st.sampled_from(["http", "HTTPS"]),
    HOSTS,
    st.sampled_from(["", ":80", ":443", ":", ":08080"]),
    st.sampled_from(["", "/", "/a//b/../c;d", "/%C3%A9", "/é@:"]),
    QUERY,
    st.text(max_size=9).map(lambda text: "".join(filter(str.isalnum, text))),
)


@SETTINGS
@given(url=URLS, rel=st.none() | URLS | st.text())
def test_a_canonical_url_is_its_own_canonical_url(url: str, rel: str | None) -> None:
    once = canonical_url(url, rel)
    assert check_url(once) is None
    assert canonical_url(once) == once
    assert canonical_url(once, once) == once
    assert "#" not in once
    assert "utm_source=1" not in once


@SETTINGS
@given(url=st.text(max_size=40) | st.text(max_size=20).map("http://{}/".format))
def test_an_address_is_accepted_or_refused_and_never_a_crash(url: str) -> None:
    if check_url(url) is None:
        assert canonical_url(canonical_url(url)) == canonical_url(url)
