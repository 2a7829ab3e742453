"""Addresses of pages: which are acceptable, and which are the same page.

Grammar after RFC 3986; a host beyond ASCII becomes punycode by IDNA 2003, the variant in Python's standard library.
"""

import re
from functools import cache
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import urljoin

import msgspec
from publicsuffixlist import PublicSuffixList

MAX_CHARS = 8_192
_URL = re.compile(r"(https?)://([^/?#\\]*)(/[^?#]*)?(?:\?([^#]*))?(?:#.*)?", re.IGNORECASE)
_UNWRITABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
_HOST_PORT = re.compile(r"(?:\[(?P<address>[0-9a-fA-F:.]+)\]|(?P<name>[^:\[\]]*))(?::(?P<port>[0-9]{0,5}))?")
_HOST = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_DEFAULT_PORTS = {"http": 80, "https": 443}

# Parameters that say where a reader came from, never which page is shown: campaign tags (Google, Matomo, Piano/AT Internet,
# HubSpot, Mailchimp, Marketo, Adobe, the BBC's ns_*), click ids of advertisers and networks, and shares.
_TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "piwik_", "matomo_", "hsa_", "ns_", "fb_action_", "at_custom", "at_recipient_")
_TRACKING_NAMES = """
    fbclid gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid msclkid yclid ysclid twclid ttclid li_fat_id igshid igsh
    epik srsltid rb_clickid irclickid wickedid sccid scclid obclid tblci rdt_cid
    _ga _gl _hsenc _hsmi __hssc __hstc __hsfp hsctatracking mc_cid mc_eid mkt_tok vero_id vero_conv oly_anon_id oly_enc_id
    s_cid s_kwcid ef_id cmpid icid ncid
    xtor xtref xtcr xts at_medium at_campaign at_campaign_type at_creation at_format at_link_id at_link_type at_link_origin
    at_network at_platform at_ptr_name at_send_date at_variant at_bbc_team
    fb_source fb_ref ref_src ref_url __twitter_impression share_source echobox
"""
_TRACKING = frozenset(_TRACKING_NAMES.split())


class _Url(msgspec.Struct, frozen=True):
    """The parts that identify a page; `host` in ASCII and lower case, `port` None where it is the scheme's own."""

    scheme: str
    host: str
    port: int | None
    path: str
    query: str

    def __str__(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        query = f"?{self.query}" if self.query else ""
        return f"{self.scheme}://{self.host}{port}{self.path}{query}"


def check_url(url: str) -> str | None:
    """What is wrong with a page's address, as the end of a sentence; None for an absolute http or https URL with a host."""
    try:
        _parse(url)
    except ValueError as error:
        return str(error)
    return None


def canonical_url(url: str, rel_canonical: str | None = None) -> str:
    """The address under which a page is known; ValueError where `check_url` finds fault with `url`.

    Scheme and host in lower case, the host in punycode; user names, default port, fragment and tracking parameters dropped; the
    other parameters in their order; an empty path is `/`. The page's own claim `rel_canonical` (it may be relative) wins where it
    stays within the same registrable domain, unless it names the front page, which careless templates write into every page.
    """
    page = _parse(url)
    claim = _claim(url, rel_canonical) if rel_canonical else None
    if claim is not None and (claim.path != "/" or claim.query) and _same_domain(claim.host, page.host):
        return str(claim)
    return str(page)


def _claim(url: str, rel_canonical: str) -> _Url | None:
    try:
        return _parse(urljoin(url, rel_canonical.strip()))
    except ValueError:
        return None


def _parse(url: str) -> _Url:
    if len(url) > MAX_CHARS:
        message = f"has {len(url):,} characters, {MAX_CHARS:,} are allowed"
        raise ValueError(message)
    if _UNWRITABLE.search(url):
        raise ValueError("holds white space or control characters")
    found = _URL.fullmatch(url)
    if found is None:
        raise ValueError("is not an absolute http or https URL")
    scheme, authority, path, query = found[1].lower(), found[2], found[3] or "/", found[4] or ""
    host, port = _host_and_port(authority.rpartition("@")[2])
    kept = "&".join(part for part in query.split("&") if not _tracks(part))
    return _Url(scheme, host, None if port == _DEFAULT_PORTS[scheme] else port, path, kept)


def _host_and_port(text: str) -> tuple[str, int | None]:
    found = _HOST_PORT.fullmatch(text)
    port = int(found["port"]) if found is not None and found["port"] else None
    if found is None or (port or 0) > 0xFFFF:
        raise ValueError("has no valid host and port")
    return (_ipv6(found["address"]) if found["address"] else _ascii_host(found["name"])), port


def _ipv6(host: str) -> str:
    try:
        return f"[{IPv6Address(host).compressed}]"
    except AddressValueError:
        raise ValueError("has no valid host and port") from None


def _ascii_host(host: str) -> str:
    """Punycode in lower case, without the root's dot. The length is bounded first: IDNA's cost grows with its square."""
    try:
        ascii_host = host.encode("idna").decode("ascii").lower().removesuffix(".") if len(host) <= 254 else ""
    except UnicodeError:
        ascii_host = ""
    if not _HOST.fullmatch(ascii_host):
        raise ValueError("has no valid host and port")
    return ascii_host


def _tracks(parameter: str) -> bool:
    name = parameter.partition("=")[0].lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


@cache
def _suffixes() -> PublicSuffixList:
    """The bundled public suffix list, private suffixes included; about 0.1 s to read."""
    return PublicSuffixList()


def _same_domain(one: str, other: str) -> bool:
    if one == other:
        return True
    if _is_address(one) or _is_address(other):
        return False
    domain = _suffixes().privatesuffix(one)
    return domain is not None and domain == _suffixes().privatesuffix(other)


def _is_address(host: str) -> bool:
    return host.startswith("[") or host.rpartition(".")[2].isdigit()
