import pytest

from pipeline.urls import MAX_CHARS, canonical_url, check_url


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://WWW.Malijet.COM/Une/1.html", "https://www.malijet.com/Une/1.html"),
        ("http://example.com", "http://example.com/"),
        ("http://example.com?a=1", "http://example.com/?a=1"),
        ("http://example.com:80/", "http://example.com/"),
        ("https://example.com:0443/", "https://example.com/"),
        ("http://example.com:443/", "http://example.com:443/"),
        ("http://example.com:/", "http://example.com/"),
        ("http://example.com./a", "http://example.com/a"),
        ("http://user:secret@example.com/", "http://example.com/"),
        ("https://example.com/a#comments", "https://example.com/a"),
        ("https://example.com/a?#x", "https://example.com/a"),
        ("https://example.com/a?utm_source=x&UTM_Medium=y&fbclid=z", "https://example.com/a"),
        ("https://example.com/a?b=2&gclid=1&a=1&b=3&&c", "https://example.com/a?b=2&a=1&b=3&&c"),
        ("https://example.com/a?xtor=RSS-1&id=7&at_medium=x", "https://example.com/a?id=7"),
        ("https://example.com/a?attitude=1&reference=2", "https://example.com/a?attitude=1&reference=2"),
        ("https://www.MÜNCHEN.de/é", "https://www.xn--mnchen-3ya.de/é"),
        ("http://[2001:DB8:0:0:0:0:0:1]:8080/", "http://[2001:db8::1]:8080/"),
        ("http://127.0.0.1:8000/a", "http://127.0.0.1:8000/a"),
        ("http://localhost/a", "http://localhost/a"),
        ("http://a_b.example.com/", "http://a_b.example.com/"),
    ],
)
def test_canonical(url: str, canonical: str) -> None:
    assert check_url(url) is None
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


PAGE = "https://m.example.co.uk/a?id=7&utm_source=x"


@pytest.mark.parametrize(
    ("rel", "canonical"),
    [
        ("https://www.example.co.uk/b?utm_source=x", "https://www.example.co.uk/b"),
        ("/b#top", "https://m.example.co.uk/b"),
        (" b ", "https://m.example.co.uk/b"),
        ("?id=8", "https://m.example.co.uk/a?id=8"),
        ("//example.co.uk/b", "https://example.co.uk/b"),
        ("http://example.co.uk/?p=7", "http://example.co.uk/?p=7"),
        ("https://www.example.co.uk/", "https://m.example.co.uk/a?id=7"),
        ("https://other.co.uk/b", "https://m.example.co.uk/a?id=7"),
        ("https://example.co.uk@other.co.uk/b", "https://m.example.co.uk/a?id=7"),
        ("javascript:alert(1)", "https://m.example.co.uk/a?id=7"),
        ("http://[", "https://m.example.co.uk/a?id=7"),
        ("https://co.uk/b", "https://m.example.co.uk/a?id=7"),
        ("", "https://m.example.co.uk/a?id=7"),
        (None, "https://m.example.co.uk/a?id=7"),
    ],
)
def test_the_page_s_own_claim(rel: str | None, canonical: str) -> None:
    assert canonical_url(PAGE, rel) == canonical


@pytest.mark.parametrize(
    ("url", "rel"),
    [
        ("https://one.blogspot.com/a", "https://two.blogspot.com/a"),
        ("http://10.0.0.1/a", "http://11.0.0.1/a"),
        ("http://localhost/a", "http://example.com/a"),
        ("http://[::1]/a", "http://[::2]/a"),
    ],
)
def test_neighbours_are_not_the_same_domain(url: str, rel: str) -> None:
    assert canonical_url(url, rel) == url


NO_ADDRESS = {
    "not an absolute": [
        "", "example.com/a", "/a", "//example.com/a", "ftp://example.com/", "mailto:a@example.com", "http:/example.com",
        "http:example.com", "https://example.com\\@other.com/",
    ],
    "no valid host": [
        "http://", "http:///a", "http://?a", "http://.", "http://a..b/", "http://-a.com/", "http://a／b/", "http://a%00b/",
        "http://" + "a" * 64 + ".com/", "http://" + "a." * 2000, "http://[::1/", "http://[1.2.3.4]/", "http://[::1%25eth0]/",
        "http://[::1]80/", "http://a:65536/", "http://a:x/", "http://a:٣/", "http://a:1:2/",
    ],
    "white space": [" http://a/", "http://a/b c", "http://a/\u00a0", "http://a/\n", "http://a/\x00", "http://a/\x85"],
    "8,201 characters": ["http://a/" + "b" * MAX_CHARS],
}  # fmt: skip


@pytest.mark.parametrize(("url", "said"), [(url, said) for said, urls in NO_ADDRESS.items() for url in urls])
def test_what_is_no_address_of_a_page(url: str, said: str) -> None:
    assert said in (check_url(url) or "")
    with pytest.raises(ValueError, match=said):
        canonical_url(url)
