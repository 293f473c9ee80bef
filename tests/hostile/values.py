"""What nobody sends who means well."""

from __future__ import annotations

from random import Random

# In every value that would be a script if it came out as it went in.
MARK = "hostile7"

SCRIPTS = [
    f"<script>{MARK}</script>",
    f'"><img src=x onerror={MARK}()>',
    f"' onfocus='{MARK}()' autofocus x='",
    f"</textarea></title><svg/onload={MARK}()>",
    f"javascript:{MARK}()",
    f"{{{{ {MARK} }}}}{{% debug %}}",
]
NUMBERS = [
    *("0", "-1", "-0", "1e309", "1e5", "NaN", "-Infinity", "0x10", "1_000", "1,5", "1.234", "٣", "½", "+7", " 7 "),
    *("2147483648", "-2147483649", "9223372036854775808", "-9223372036854775809", "9" * 400, "0." + "1" * 400),
]
DATES = [
    *("0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "2026-13-01", "-2026-01-01"),
    *("2026-W05-1", "2026-01-01T00:00:00+99:99", "31-12-9999", "1.1.0001", "1900-01-01", "2026-3", "0-0-0"),
]
PATHS = [
    *("../../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "....//....//", "/etc/passwd", "C:\\boot.ini", "."),
    *("//hostile.example/", "https://hostile.example/", "\\\\hostile.example\\", "/\\hostile.example", "file:///etc/"),
]
QUERIES = [
    *("' OR '1'='1", "1; DROP TABLE stakeholders_user; --", "' UNION SELECT password FROM stakeholders_user --"),
    *("%' AND pg_sleep(9) --", "\\", "%", "_", "'", '"', "$$", "a:*", "& | ! ( ) <->", "{}", "[]", "${7*7}"),
]
ODD_TEXTS = [
    *("", " ", "\t\r\n", "æøåÆØÅ", "a\u030a\u0308\u0301" * 50, "A\u030arhus", "\u202eetkirb\u202c", "\u2066x\u2069"),
    *(
        "\ufeff",
        "\u200b\u200d",
        "\u0000",
        "a\u0000b",
        "\x1b[31m",
        "\x7f\x01",
        "\ufffe\uffff",
        "👩‍⚕️" * 20,
        "ﬀﬁ",
        "İıſK",
    ),
    *("x\r\nSet-Cookie: hostile=1", "x\nLocation: https://hostile.example/", "=HYPERLINK(1)", "@SUM(1)", "a" * 3000),
    *("True", "None", "null", "undefined", "on", "*", "alle", "__class__", "id__gt", "-", "--", "%s %d {0}"),
]
BYTES = [
    *(b"\xff\xfe\xfa", b"\xc0\xaf\xc0\xae", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x28\xa1", b"\x80", b"\xc3"),
    *(b"\x00", b"%00", b"%", b"%zz", b"%u0041", b"+", b"&=&;", b"#"),
]
LONG = ["a" * 200_000, "é" * 60_000, "<b>" * 30_000, "1" * 5_000, "\n" * 20_000]

# One kind is as likely as another, however many there are of it.
KINDS: list[list[bytes]] = [
    *([text.encode() for text in kind] for kind in (SCRIPTS, NUMBERS, DATES, PATHS, QUERIES, ODD_TEXTS)),
    BYTES,
]

# What an address takes for each converter; other values are no address at all.
PARTS = {
    "int": ["0", "00", "2147483647", "2147483648", "9223372036854775808", "9" * 400],
    "slug": ["-", "_", "0", "9" * 40, "a" * 3000, "select-1", "status", "ny", "None"],
    "uuid": ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
}

METHODS = ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "post", "HOSTILE", "GET", "POST"]

BODIES: list[tuple[str, bytes]] = [
    ("application/json", b'{"status": '),
    ("application/json", b'{"status": "\\ud800", "a": ' + b"[" * 5000),
    ("application/json", b"\xff\xfe"),
    ("application/xml", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'),
    ("text/plain; charset=utf-99", b"status=completed"),
    ("application/x-www-form-urlencoded; charset=utf-16", "status=completed".encode("utf-16")),
    ("application/x-www-form-urlencoded; charset=nosuch", b"status=completed"),
    ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % number for number in range(4100))),
    ("application/x-www-form-urlencoded", b"status=%ff%fe&status[]=1&status[0][x]=2&=&&&;"),
    ("application/x-www-form-urlencoded", b"x=" + b"a" * 2_700_000),
    ("multipart/form-data", b"--x\r\n"),
    ("multipart/form-data; boundary=", b"--\r\n"),
    ("multipart/form-data; boundary=" + "x" * 300, b"--" + b"x" * 300),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="status"\r\n\r\ncomple'),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n"),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="../../etc/passwd\x00.xlsx"\r\n'
        b"Content-Type: text/html\r\n\r\n<script>\xff\r\n--x--\r\n",
    ),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!!\r\n--x--\r\n",
    ),
    (
        "multipart/form-data; boundary=x",
        b"".join(b'--x\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n1\r\n' % n for n in range(4100))
        + b"--x--\r\n",
    ),
    ("", b"status=completed"),
    ("/;;;=", b"\x00\x01"),
]

# A server lets no control characters through in these.
HEADERS: list[dict[str, str]] = [
    *({"HTTP_HOST": host} for host in ("hostile.example", "a b", "testserver:99999999", "", "[::1")),
    *({"HTTP_ACCEPT": value} for value in ("*/*;q=x", "application/json", ",;=", "a" * 5000, "\xff\xfe")),
    *({"HTTP_REFERER": value} for value in ("javascript:x", "//hostile.example", "\xff", "http://[", "a" * 5000)),
    *({"HTTP_X_FORWARDED_FOR": value} for value in ("'; --", "127.0.0.1, ::1, x", "999.1.1.1", "", "1" * 5000)),
    {"HTTP_X_FORWARDED_HOST": "hostile.example", "HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_PORT": "x"},
    {"HTTP_X_REQUEST_ID": f"<script>{MARK}</script>"},
    {"HTTP_X_REQUEST_ID": "a" * 5000},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "<script>", "HTTP_HX_CURRENT_URL": "http://["},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_BOOSTED": "x", "HTTP_HX_CURRENT_URL_URI_AUTOENCODED": "\xff%ff"},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_PROMPT": "\xff", "HTTP_HX_TRIGGER": "a" * 5000, "HTTP_TRIGGERING_EVENT": "{"},
    *({"HTTP_IF_NONE_MATCH": value} for value in ("*", '"', 'W/"x', "\xff", ", , ,")),
    *({"HTTP_IF_MODIFIED_SINCE": value} for value in ("x", "Thu, 01 Jan 0001 00:00:00 GMT", "9" * 40)),
    *({"HTTP_RANGE": value} for value in ("bytes=-1", "bytes=0-99999999999999999999", "x=1", "bytes=5-1,1-2,-")),
    *({"HTTP_COOKIE": value} for value in ("flere_haender_session=" + "'" * 40, "messages=[[", ";=;", "\xff")),
    {"HTTP_COOKIE": "csrftoken=\xff; flere_haender_session=../../x; django_language=<script>; messages=W10:x"},
    *({"HTTP_ACCEPT_LANGUAGE": value} for value in ("../../x", "da;q=9e9", "\xff", "a-" * 500)),
    *({"HTTP_ACCEPT_ENCODING": value} for value in ("gzip;q=x", "\xff", "br, gzip, " * 300)),
    *({"CONTENT_LENGTH": value} for value in ("-1", "x", "99999999999999", "")),
    *({"CONTENT_TYPE": value} for value in ("\xff", "text/html; charset=\xff", "multipart/form-data", "/")),
    {"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE", "HTTP_AUTHORIZATION": "Basic \xff", "HTTP_USER_AGENT": ""},
    {"HTTP_USER_AGENT": "() { :;}; x", "HTTP_ORIGIN": "null"},
    {"HTTP_X_FORWARDED_PREFIX": "/../", "SCRIPT_NAME": "//hostile.example"},
]

FILES: list[tuple[str, str, bytes]] = [
    ("", "application/octet-stream", b""),
    ("a.xlsx", "application/vnd.ms-excel", b"PK\x03\x04" + b"\x00" * 50),
    ("../../etc/passwd\x00.csv", "text/csv", b"a;b\n1;2;3\n\x00"),
    ("a" * 5000 + ".csv", "text/csv", b"\xff\xfe\x00"),
    ("a.csv", "text/csv", b'"' * 3000),
    ("a.svg", "image/svg+xml", f"<svg onload='{MARK}()'/>".encode()),
    (f"<script>{MARK}</script>.csv", "text/csv", f"kommune;status\n<script>{MARK}</script>;1\n".encode()),
    ("a.xlsx", "text/html", b"<table><tr><td>1</td></tr></table>"),
    ("\u202excod.xlsx", "application/zip", b"PK\x05\x06" + b"\x00" * 18),
]


def a_text(chance: Random, *, long: bool = True) -> bytes:
    """Any of them; now and then a very long one, or two in one."""
    if long and chance.random() < 0.03:
        return chance.choice(LONG).encode()
    found = chance.choice(chance.choice(KINDS))
    return found + chance.choice(chance.choice(KINDS)) if chance.random() < 0.1 else found


def a_part(chance: Random, converter: str) -> bytes:
    """What stands in an address: mostly such as the converter takes."""
    if converter in PARTS and chance.random() < 0.7:
        return chance.choice(PARTS[converter]).encode()
    return a_text(chance, long=False)
