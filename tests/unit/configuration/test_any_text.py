"""Whatever is in a file, reading it ends in a value or in flaws that name the file; nothing else can happen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansentry.configuration import parse
from pansentry.errors import ConfigurationError, Flaw
from pansentry.policy.loading import parse_policies

WORDS = st.sampled_from(
    ["hostname", "domains", "listen", "business", "rules", "when", "then", "name", "applies_to", ":", " ", "\n", "  ",
     "- ",
     "[", "]", "{", "}", ",",
      "'", '"', "#", "&a", "*a", "!!", "|", ">", "?", "---", "...", "%", "@", "`", "\t", "\x00", "é",
     "0123", "1e999", ".nan", "0x1F", "true", "null", "~", "<<", "2024-01-01", "9" * 400, "1:2", "\ufeff", "\u2028"]
)  # fmt: skip
TEXT = st.lists(WORDS, max_size=60).map("".join) | st.text(max_size=200)


def raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def flaws(read: Callable[[], object]) -> tuple[Flaw, ...]:
    """Return what is wrong, nothing if it can be read; any other exception fails the test."""
    try:
        read()
    except ConfigurationError as error:
        return error.flaws
    return ()


@settings(max_examples=250, deadline=None)
@given(TEXT)
def test_any_text_is_a_configuration_or_named_flaws(text: str) -> None:
    """No file an admin can write makes the reader fail in any other way."""
    assert all(flaw.file == "f" and flaw.wrong for flaw in flaws(lambda: parse(raw(text), "f", {}, Path(), str)))


@settings(max_examples=250, deadline=None)
@given(TEXT)
def test_any_text_is_a_policy_or_named_flaws(text: str) -> None:
    """The same for policies, also behind a beginning that is right."""
    for start in ("", "name: p\napplies_to: everyone\n"):
        found = flaws(lambda start=start: parse_policies({"f": raw(start + text)}))
        assert all(flaw.file == "f" and flaw.wrong for flaw in found)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(
    ["PANSENTRY_LISTEN", "PANSENTRY_LISTEN__0", "PANSENTRY_LISTEN__0__ADDRESS", "PANSENTRY_LISTEN__x", "PANSENTRY_",
     "PANSENTRY___",
     "PANSENTRY_BUSINESS", "PANSENTRY_BUSINESS__LANGUAGES__0", "PANSENTRY_HOSTNAME__A", "PANSENTRY_DOMAINS__5",
      "PANSENTRY_DKIM__KEY",
     "PANSENTRY_WORKERS__", "PANSENTRY_TRUSTED__PROXIES"]), TEXT, max_size=4))  # fmt: skip
def test_any_environment_is_a_configuration_or_named_flaws(environ: dict[str, str]) -> None:
    """The same for variables."""
    head = b"hostname: a.example\ndomains: a.example\n"
    assert all(flaw.wrong for flaw in flaws(lambda: parse(head, "f", environ, Path(), str)))


@pytest.mark.parametrize("text", ["[" * 100_000, "a: " * 100_000, "- " * 100_000, "{a: " * 50_000, "a" * 3_000_000])
def test_large_and_deep_files_are_refused_quickly(text: str) -> None:
    """Nesting and size are limits, not crashes."""
    with pytest.raises(ConfigurationError):
        parse(text.encode(), "f", {}, Path(), str)
