"""The fourth batch: what random damage of the first three showed, each as a case of its own."""

from __future__ import annotations

import base64

from tests.golden.kit import ALL, Case, at, b64, crlf, fill, head, letter

NOTE = "please use my credit card «pan» exp «exp» cvv «cvv», yours from the harbour\n"
ANY = at(ALL, "")
_CODED = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"


def _code(card: str, text: str = NOTE) -> str:
    return base64.b64encode(crlf(fill(card, text))).decode()


CASES = (
    Case(
        "base64-padding-off-quantum",
        "Padding in the middle of a quantum: some readers drop it and keep the alignment",
        letter(head("code", 0), crlf(_CODED + (lambda c: c[:39] + "==" + c[39:])(_code("visa-1")) + "\n")),
        "visa-1",
        ("pan",),
        why="MIME::Parser and PHP mailparse delete a `=` that is not at the end; others stop, or begin a new chunk.\n",
    ),
    Case(
        "base64-padding-everywhere",
        "An equals sign after every seventh character",
        letter(head("code", 1), crlf(_CODED + "=".join(_code("visa-2")[n : n + 7] for n in range(0, 160, 7)) + "\n")),
        "visa-2",
        ("pan",),
        hold=True,
    ),
    Case(
        "base64-after-header-line",
        "A header-like line at the head of a base64 body, without a blank line",
        letter(
            head("code", 2),
            crlf(_CODED + "Content-Type: text/plain; charset=utf-16\n") + b64(crlf(fill("visa-3", NOTE))),
        ),
        "visa-3",
        ("pan",),
    ),
    Case(
        "qp-dropped-equals",
        "An equals sign inside every entity; readers that drop an invalid escape show the number",
        letter(
            head("code", 3),
            crlf(
                "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n<p>credit card "
            )
            + "".join(f"&=#{ord(d)};" for d in "4000056655665556").encode()
            + crlf("</p><p>yours from the harbour</p>\n"),
        ),
        "visa-4",
        ("pan",),
        ("harbour",),
    ),
    Case(
        "subject-word-repeated",
        "Zero-width digits in seven words, one group twice by mistake",
        letter(
            head(
                "\n ".join(
                    "=?utf-8?B?" + base64.b64encode("\u2060".join(g).encode()).decode() + "?="
                    for g in ("card ", "4917", "6100", "0000", "0000")
                ),
                4,
            ),
            crlf("Content-Type: text/plain\n\nyours from the harbour\n"),
        ),
        "visa-5",
        ("pan header:subject",),
        ("harbour",),
    ),
    Case(
        "clean-padding-inside",
        "Innocent base64 with padding in odd places",
        letter(
            head("code", 5),
            crlf(
                _CODED
                + (lambda c: c[:9] + "==" + c[9:21] + "=" + c[21:])(
                    base64.b64encode(b"nothing of value in here, really nothing").decode()
                )
                + "\n"
            ),
        ),
    ),
)
