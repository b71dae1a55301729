"""Wrong policy files: each mistake is refused with file, line, column, what is wrong and what to write instead."""

from __future__ import annotations

import pytest

from pansentry.errors import ConfigurationError
from pansentry.policy.loading import load_policies, parse_policies

HEAD = "name: p\napplies_to: everyone\n"
RULE = "rules:\n  - name: r\n    "
KEY = "age1uu7y2std6eq2anfffla8482jc4k80jqt5x9c7a2ks9mghyma6css3dafwc"

WRONG: tuple[tuple[str, str], ...] = (
    # what stands below the first two lines · the exact message
    ("mod: observe", "p:3:1: `mod` is not a setting here. Did you mean `mode`?"),
    ("mode: watch", "p:3:7: `mode` cannot be watch. Write one of: enforce, observe."),
    ("mode: Observe", "p:3:7: `mode` cannot be Observe. Did you mean observe? The choices are: enforce, observe."),
    ("mode: off", "p:3:7: `mode` cannot be off. Write one of: enforce, observe."),
    ("mode:", "p:3:1: `mode` has no value. Write one after the colon, or remove the line."),
    ("mode: [enforce]", "p:3:7: `mode` cannot be a list. Write one of: enforce, observe."),
    ("name: q", "p:3:1: `name` is given twice; the first time is on line 1. Keep one of the two."),
    ("redact: {pan: first8last4}",
     "p:3:15: `pan: first8last4` keeps more than may stay readable: PCI DSS allows at most "
     "the first six and the last four digits (requirement 3.5.1, FAQ 1091). Write one of: last4, first6last4, full."),
    ("redact: {pan: first6last5}",
     "p:3:15: `pan: first6last5` keeps more than may stay readable: PCI DSS allows at most "
     "the first six and the last four digits (requirement 3.5.1, FAQ 1091). Write one of: last4, first6last4, full."),
    ("redact: {pan: keep}",
     "p:3:15: `pan: keep` keeps more than may stay readable: PCI DSS allows at most the first six "
     "and the last four digits (requirement 3.5.1, FAQ 1091). Write one of: last4, first6last4, full."),
    ("redact: {pan: last-4}",
     "p:3:15: `pan` cannot be last-4. Did you mean last4? The choices are: last4, first6last4, "
     "full."),
    ("redact: {pan: 4}", "p:3:15: `pan` cannot be 4. Write one of: last4, first6last4, full."),
    ("redact: {cvv: keep}", "p:3:15: `cvv` cannot be keep: it is never kept, not even in part (PCI DSS 3.3.1). Write "
     "`cvv: full`, or leave the line out."),
    ("redact: {cvv: last1}", "p:3:15: `cvv` cannot be last1: it is never kept, not even in part (PCI DSS 3.3.1). Write "
     "`cvv: full`, or leave the line out."),
    ("redact: {track: keep}",
     "p:3:17: `track` cannot be keep: it is never kept, not even in part (PCI DSS 3.3.1). Write "
     "`track: full`, or leave the line out."),
    ("redact: {expiry: masked}", "p:3:18: `expiry` cannot be masked. Write one of: full, keep."),
    ("redact: {card: full}", "p:3:10: `card` is not a setting here. The settings here are: cvv, expiry, pan, track."),
    ("redact: last4", "p:3:9: `redact` must be a block of settings. Write them on the lines below, indented by two "
     "spaces."),
    ("detect: {confidence: {pan: 0}}", "p:3:28: `pan` is 0, but must be at least 0.1. Write 0.1 or more."),
    ("detect: {confidence: {pan: 1}}", "p:3:28: `pan` is 1, but must be at most 0.95. Write 0.95 or less."),
    ("detect: {confidence: {pan: high}}", "p:3:28: `pan` must be a number, not high. Write digits without quotes."),
    ("detect: {confidence: {cvc: 0.5}}", "p:3:23: `cvc` is not a setting here. Did you mean `cvv`?"),
    ("detect: {confidence: 0.5}", "p:3:22: `confidence` must be a block of settings. Write them on the lines below, "
     "indented by two spaces."),
    ("detect: {brands: [vise]}", "p:3:19: There is no card brand vise. Did you mean visa?"),
    ("detect: {brands: master}", "p:3:18: There is no card brand master. Did you mean mastercard?"),
    ("detect: {test_numbers: skip}", "p:3:24: `test_numbers` cannot be skip. Write one of: redact, ignore."),
    ("detect: {languages: [german]}",
     "p:3:22: `languages (entry 1)` cannot be german. See its description in the docs."),
    ("detect: {own_numbers: [4711]}",
     "p:3:24: `own_numbers (entry 1)` must be text, but 4711 is read as a number. Put it "
     'in quotes: `"4711"`.'),
    ("detect: {own_numbers: ['################']}",
     "p:3:24: `own_numbers (entry 1)` is ################, which could be "
     "anybody's card number. Name at least the first 4 digits that your numbers share."),
    ("detect: {own_numbers: ['order no']}", "p:3:24: `own_numbers (entry 1)` cannot be order no; it is a format of "
     'numbers. Write for example `"4711 #### ####"`.'),
    ("rules: redact", "p:3:8: `rules` must be a list. Write each entry on its own line, starting with `- `."),
    ("rules: {name: r}", "p:3:8: `rules` must be a list. Write each entry on its own line, starting with `- `."),
    ("rules: [redact]",
     "p:3:9: `rules (entry 1)` must be a block of settings. Write them on the lines below, indented by "
     "two spaces."),
    ("rules: [{then: redact}]", "p:3:9: `name` is missing in `rules (entry 1)`. Add a line `name: card-data`."),
    (RULE + "when: {found: true}", "p:4:5: `then` is missing in `rules (entry 1)`. Add a line `then: …`."),
    ("rules: [{name: My rule, then: redact}]",
     "p:3:16: `name` cannot be My rule. Write for example `name: card-data`."),
    (RULE + "then: delete", "p:5:11: `then` cannot be delete. Did you mean deliver? The choices are: redact, "
     "replace-part, hold, refuse, deliver, tempfail."),
    (RULE + "then: redat",
     "p:5:11: `then` cannot be redat. Did you mean redact? The choices are: redact, "
     "replace-part, hold, refuse, deliver, tempfail."),
    (RULE + "then: [redact, hold]", "p:5:11: `then` cannot be a list. "
     "Write one of: redact, replace-part, hold, refuse, deliver, tempfail."),
    (RULE + "do: redact", "p:4:5: `then` is missing in `rules (entry 1)`. Add a line `then: …`.\n"
     "p:5:5: `do` is not a setting here. The settings here are: forward_to_review, letter, name, notice, "
     "notify, tag, text, then, when."),
    (RULE + "then: redact\n    when: {kind: [number]}",
     "p:6:19: `kind (entry 1)` cannot be number. Write one of: pan, cvv, "
     "expiry, track."),
    (RULE + "then: redact\n    when: {found: yes}",
     "p:6:19: `found` must be true or false, not yes. Write `found: true` "
     "or `found: false`."),
    (RULE + "then: redact\n    when: {place: footer}",
     "p:6:19: `place` cannot be footer. Write one of: header, body, attachment, document, picture, archive, pdf, docx, "
     "xlsx, pptx, doc, xls, ppt, odt, ods, odp, rtf, csv, html, eml, zip."),
    (RULE + "then: redact\n    when: {confidence_at_least: 2}",
     "p:6:33: `confidence_at_least` is 2, but must be at most "
     "0.95. Write 0.95 or less."),
    (RULE + "then: redact\n    when: {count_at_least: 0}",
     "p:6:28: `count_at_least` is 0, but must be at least 1. Write 1 "
     "or more."),
    (RULE + "then: redact\n    when: {sender: everybody}",
     "p:6:20: `sender` cannot be everybody; it is an address or a "
     "domain. Write `anna@shop.example`, `shop.example`, `*.shop.example` or `billing@*`."),
    (RULE + "then: redact\n    when: {sender: '*@*'}",
     "p:6:20: `sender` cannot be *@*; it is an address or a domain. Write "
     "`anna@shop.example`, `shop.example`, `*.shop.example` or `billing@*`."),
    (RULE + "then: redact\n    when: {authentication: passed}",
     "p:6:28: `authentication` cannot be passed. Did you mean "
     "pass? The choices are: pass, fail, none."),
    (RULE + "then: redact\n    when: {unreadable: true}",
     "p:6:24: `unreadable` must be a list. Write each entry on its own "
     "line, starting with `- `."),
    (RULE + "then: redact\n    when: {unreadable: pdf}",
     "p:6:24: `unreadable` cannot be pdf: it is the reason why something could not be read. The choices are: any, "
     "cannot-rewrite, compressed, crash, damaged, documents-missing, encrypted, font, memory, method, ocr-missing, "
     "partial, picture, timeout, unclear, xml, xml:entities, document:*, large:*, limit:*."),
    (RULE + "then: redact\n    when: {unreadable: [any, time-out]}",
     "p:6:30: `unreadable (entry 2)` cannot be time-out: it is the reason why something could not be read. Did you "
     "mean timeout? The choices are: any, cannot-rewrite, compressed, crash, damaged, documents-missing, encrypted, "
     "font, memory, method, ocr-missing, partial, picture, timeout, unclear, xml, xml:entities, document:*, large:*, "
     "limit:*."),
    (RULE + "then: redact\n    when: {unreadable: 'Encrypted!'}",
     "p:6:24: `unreadable` cannot be Encrypted!. Write for "
     "example `unreadable: encrypted`."),
    (RULE + "then: redact\n    when: {size_over: 10}",
     "p:6:23: `size_over` is 10, but of what? Write the unit too, such as "
     "`25 MiB`."),
    (RULE + "then: redact\n    when: {hours: {from: 22.30}}",
     "p:6:26: `from` cannot be 22.30; it is a time of day. Write "
     'for example `"22:30"`.'),
    (RULE + "then: redact\n    when: {hours: {from: '25:00'}}",
     "p:6:26: `from` cannot be 25:00; it is a time of day. Write "
     'for example `"22:30"`.'),
    (RULE + "then: redact\n    when: {hours: {days: [monday]}}",
     "p:6:27: `days (entry 1)` cannot be monday. Did you mean "
     "mon? The choices are: mon, tue, wed, thu, fri, sat, sun."),
    (RULE + "then: redact\n    when: {hours: {zone: Berlin}}",
     "p:6:26: There is no time zone Berlin. Write for example "
     "`Europe/Berlin` or `UTC`."),
    (RULE + "then: redact\n    when: {hours: {start: '9:00'}}",
     "p:6:20: `start` is not a setting here. The settings here "
     "are: days, from, to, zone."),
    (RULE + "then: redact\n    when: {direction: in}", "p:6:23: `direction` cannot be in. Write one of: new, reply."),
    (RULE + "then: redact\n    tag: Not A Tag",
     "p:6:10: `tag` cannot be Not A Tag. Write for example `tag: unscanned`."),
    (RULE + "then: redact\n    notice: mail", "p:6:13: `notice` cannot be mail. Write one of: header, banner, none."),
    (RULE + "then: refuse\n    text: Zurück", "p:6:11: `text` goes to mail servers, which read plain ASCII. Write it "
     "without accents, on one line."),
    (RULE + "then: redact\n    text: Sorry",
     "p:6:11: `text` is only told to a sender whose mail is refused, but rule `r` "
     "does not refuse. Remove the line, or write `then: refuse`."),
    (RULE + "then: deliver\n    letter: guidance",
     "p:6:13: Rule `r` would send a letter about card data that it does not "
     "take out. Write `then: redact`, or `letter: none`."),
    (RULE + "then: deliver\n  - name: s\n    then: redact",
     "p:4:5: Rule `r` matches every message, so the rules below it "
     "are never reached. Give it a `when:`, or move it to the end."),
    (RULE + "when: {found: true}\n    then: redact\n  - name: r\n    then: deliver",
     "p:7:11: Two rules are called `r`. "
     "Rename one."),
    (RULE + "when: {found: false, kind: pan}\n    then: redact",
     "p:5:19: Rule `r` asks for card data and for none at once. "
     "Remove `found: false`."),
    ("reply: {letter: My Letter}", "p:3:17: `letter` cannot be My Letter. See its description in the docs."),
    ("reply: {require: spf}", "p:3:18: `require` cannot be spf. Did you mean spf-or-dkim? The choices "
     "are: dmarc, spf-or-dkim, none."),
    ("reply: {window: 7}",
     "p:3:17: `window` is 7, but of what? Write the unit too, such as `7 days`, `12 h` or `30 s`."),
    ("reply: {window: a week}",
     "p:3:17: `window` cannot be a week; it is a length of time. Write for example `7 days`, "
     "`12 h` or `30 s`."),
    ("reply: none", "p:3:8: `reply` must be a block of settings. "
     "Write them on the lines below, indented by two spaces."),
    ("on_error: bounce", "p:3:11: `on_error` cannot be bounce. Write one of: tempfail, hold, deliver-unscanned."),
    (RULE + "then: redact\n    notify: owner",
     "p:6:13: `notify` cannot be owner; it is a mail address. Write for example `info@shop.example`."),
    (RULE + "then: redact\n    notify:",
     "p:6:5: `notify` has no value. Write one after the colon, or remove the line."),
    (RULE + "then: redact\n    forward_to_review: shop.example",
     "p:6:24: `forward_to_review` cannot be shop.example; it is a mail address. Write for example "
     "`info@shop.example`."),
    (RULE + "then: redact\n    forward-to-review: a@shop.example",
     "p:6:5: `forward-to-review` is not a setting here. Did you mean `forward_to_review`?"),
    (RULE + "then: refuse\n    forward_to_review: a@shop.example",
     "p:6:24: Rule `r` does not take the mail, so nothing of it may be forwarded. Remove the line, or write "
     "`then: hold`."),
    (RULE + "then: notify",
     "p:5:11: notify does not say what becomes of the mail; it can be done beside that. Write `then: redact` "
     "(or hold, deliver …), and below it `notify: owner@shop.example`."),
    (RULE + "then: replace",
     "p:5:11: `then` cannot be replace. Did you mean replace-part? The choices are: redact, replace-part, "
     "hold, refuse, deliver, tempfail."),
    (RULE + "then: redact\n    when: {sender_country: Germany}",
     "p:6:28: `sender_country` cannot be Germany; it is a country in two letters. Write for example `de` or "
     "`[de, at]`."),
    (RULE + "then: redact\n    when: {sender_country: [de, xx]}",
     "p:6:33: `sender_country (entry 2)` cannot be xx; it is a country in two letters. Write for example `de` "
     "or `[de, at]`."),
    (RULE + "then: redact\n    when: {country: de}",
     "p:6:12: `country` is not a setting here. Did you mean `sender_country`?"),
    (RULE + "then: redact\n    when: {place: [pdf, image]}",
     "p:6:25: `place (entry 2)` cannot be image. Write one of: header, body, attachment, document, picture, "
     "archive, pdf, docx, xlsx, pptx, doc, xls, ppt, odt, ods, odp, rtf, csv, html, eml, zip."),
    (RULE + "then: redact\n    when: {recipient: group:}",
     "p:6:23: `recipient` cannot be group:; it is an address or a domain. Write `anna@shop.example`, "
     "`shop.example`, `*.shop.example` or `billing@*`."),
    (RULE + "then: redact\n    when: {recipient: 'group:sales'}",
     "p:6:23: There is no group `sales`. Define it in groups.yaml."),
    ("reply: {exempt: ['group:banks']}",
     "p:3:18: There is no group `banks`. Define it in groups.yaml."),
    ("hold: sealed",
     "p:3:7: `hold` must be a block of settings. Write them on the lines below, indented by two spaces."),
    ("hold: {keep_original: yes}",
     "p:3:23: `keep_original` cannot be yes. Write one of: none, sealed."),
    ("hold: {keep_original: sealed}",
     "p:3:23: Originals cannot be sealed without a public key. Add a line `seal_to: age1…` (from "
     "`age-keygen`)."),
    ("hold: {keep_original: sealed, seal_to: AGE-SECRET-KEY-1QQQ}",
     "p:3:40: `seal_to` is the private key; whoever holds it can open what is sealed, so it must not be on "
     "this machine. Write the public key, which starts with `age1`."),
    ("hold: {keep_original: sealed, seal_to: age1qqqqqq}",
     "p:3:40: `seal_to` is no public key; a copy sealed to a mistyped key could never be opened. Copy the "
     "line that starts with `age1` from `age-keygen`, whole."),
    ("hold: {seal_to: " + KEY + "}",
     "p:3:17: A key to seal to is given, but no original is kept. Add a line `keep_original: sealed`, or "
     "remove this one."),
    ("hold: {keep_original: sealed, seal_to: " + KEY[:-1] + "d}",
     "p:3:40: `seal_to` is no public key; a copy sealed to a mistyped key could never be opened. Copy the "
     "line that starts with `age1` from `age-keygen`, whole."),
    ("hold: {expires: 30}",
     "p:3:17: `expires` is 30, but of what? Write the unit too, such as `7 days`, `12 h` or `30 s`."),
    ("hold: {digest_to: owner}",
     "p:3:19: `digest_to` cannot be owner; it is a mail address. Write for example `info@shop.example`."),
    ("hold: {keep: all}",
     "p:3:8: `keep` is not a setting here. Did you mean `keep_original`?"),
    ("notify_window: 60",
     "p:3:16: `notify_window` is 60, but of what? Write the unit too, such as `7 days`, `12 h` or `30 s`."),
    ("on_error: deliver",
     "p:3:11: `on_error` cannot be deliver. Did you mean deliver-unscanned? The choices are: tempfail, hold, "
     "deliver-unscanned."),
    (RULE + "then: forward-to-review",
     "p:5:11: forward-to-review does not say what becomes of the mail; it can be done beside that. Write "
     "`then: redact` (or hold, deliver …), and below it `forward_to_review: review@shop.example`."),
    ("rules:\n\t- name: r", "p:4:1: A tab stands where spaces are expected. Indent with spaces only."),
    ("rules:\n  - name: r\n   then: redact",
     "p:5:4: The indentation does not match the lines above, or a quote above is never closed. Line it up with its "
     "neighbours, or close the quote."),
)  # fmt: skip


@pytest.mark.parametrize(("text", "message"), WRONG, ids=[f"{i}-{text[:40]}" for i, (text, _) in enumerate(WRONG)])
def test_a_wrong_policy_is_refused_with_the_exact_message(text: str, message: str) -> None:
    """Each mistake names its place, what is wrong and the fix."""
    with pytest.raises(ConfigurationError) as caught:
        parse_policies({"p": (HEAD + text + "\n").encode()})
    assert str(caught.value) == message


TOGETHER = (
    # files · the exact message
    ({"a": "name: x\napplies_to: everyone\n", "b": "name: x\napplies_to: a.example\n"},
     "b:1:7: The name `x` is taken by a. Give each policy its own name."),
    ({"a": "name: x\napplies_to: everyone\n", "b": "name: y\napplies_to: everyone\n"},
     "b:2:13: `everyone` is already under the policy in a. Name each recipient in one policy only."),
    ({"a": "name: x\napplies_to: [A.example]\n", "b": "name: y\napplies_to: a.example\n"},
     "b:2:13: `a.example` is already under the policy in a. Name each recipient in one policy only."),
    ({"a": "name: x\napplies_to: everyone\n", "b": "name: y\napplies_to: a.example\nredact: {pan: first6last4}\n"},
     "b:3:15: `pan: first6last4` differs from the format in a; two truncated forms of one number can be put together "
     "(PCI DSS 3.5.1). Use one format in all policies, or `full`."),
    ({"groups.yaml": "groups: {sales: [a@b.example]}\n", "p": "name: x\napplies_to: [group:sale]\n"},
     "p:2:14: There is no group `sale`. Did you mean `group:sales`?"),
    ({"p": "name: x\napplies_to: [group:sale]\n"}, "p:2:14: There is no group `sale`. Define it in groups.yaml."),
    ({"groups.yaml": "group: {}\n", "p": "name: x\napplies_to: everyone\n"},
     "groups.yaml:1:1: `group` is not a setting here. Did you mean `groups`?"),
    ({"p": "name: x\napplies_to: all\n"}, "p:2:13: `applies_to` cannot be all; it is an address or a domain. Write "
     "`anna@shop.example`, `shop.example`, `*.shop.example` or `billing@*`."),
    ({"p": "name: x\n"}, "p:1:1: `applies_to` is missing. Add a line `applies_to: everyone`."),
    ({"p": "- name: x\n"}, "p:1:1: The file must consist of settings. Write lines of the form `name: value`."),
)  # fmt: skip


@pytest.mark.parametrize(("files", "message"), TOGETHER, ids=range(len(TOGETHER)))
def test_files_that_do_not_go_together_are_refused(files: dict[str, str], message: str) -> None:
    """What is only wrong beside another file is found as well."""
    with pytest.raises(ConfigurationError) as caught:
        parse_policies({name: text.encode() for name, text in files.items()})
    assert str(caught.value) == message


def test_the_tables_are_as_long_as_promised() -> None:
    """At least sixty wrong files."""
    assert len(WRONG) + len(TOGETHER) >= 60


def test_an_empty_folder_is_one_clear_message(tmp_path: object) -> None:
    """No policy at all stops the start."""
    with pytest.raises(ConfigurationError, match=r"is no policy in this folder\. Run `pansentry policy init FOLDER`"):
        load_policies(str(tmp_path))


LETTERS = (
    # what stands below the first two lines · the exact message
    ("reply: {letter: guide}",
     "p:3:17: There is no letter `guide`. Did you mean `guidance`? The letters are: guidance, thanks; or `none`."),
    (RULE + "then: redact\n    letter: apology",
     "p:6:13: There is no letter `apology`. The letters are: guidance, thanks; or `none`."),
)  # fmt: skip


@pytest.mark.parametrize(("text", "message"), LETTERS)
def test_a_letter_that_nobody_wrote_is_refused_where_it_is_named(text: str, message: str) -> None:
    """Whoever knows the letters is told of a policy that sends another one."""
    with pytest.raises(ConfigurationError) as caught:
        parse_policies({"p": (HEAD + text + "\n").encode()}, {"guidance", "thanks"})
    assert str(caught.value) == message


def test_letters_that_there_are_and_none_at_all_are_good() -> None:
    """`none` and a name that is known; without a list nobody asks."""
    text = RULE + "then: redact\n    letter: none\nreply: {letter: thanks}\n"
    assert parse_policies({"p": (HEAD + text).encode()}, {"guidance", "thanks"}).letters() >= {"thanks"}
    assert parse_policies({"p": (HEAD + text).encode()}).letters() >= {"thanks"}


def test_where_there_is_no_letter_none_can_be_sent() -> None:
    """An empty folder of letters is not the same as a list that nobody has."""
    with pytest.raises(ConfigurationError, match=r"There is no letter `thanks`\. There are no letters at all"):
        parse_policies({"p": (HEAD + "reply: {letter: thanks}\n").encode()}, frozenset())


def test_words_of_a_language_that_nobody_knows_are_refused() -> None:
    """The languages are those that there are words for."""
    with pytest.raises(ConfigurationError, match=r"p:3:22: There are no words for the language xx\. .* de, "):
        parse_policies({"p": (HEAD + "detect: {languages: [xx]}\n").encode()})


def test_a_private_key_is_not_said_again() -> None:
    """What is typed into a policy is quoted in a message, but no private key."""
    secret = "AGE-SECRET-KEY-1" + "Q" * 58
    with pytest.raises(ConfigurationError) as caught:
        parse_policies({"p": (HEAD + f"hold: {{keep_original: sealed, seal_to: {secret}}}\n").encode()})
    assert secret not in str(caught.value)
