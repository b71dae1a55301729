"""How numbers, dates and codes are said and answered: pieces, fields, words, quoted questions."""

from __future__ import annotations

from pansentry.pan import find

VISA = "4111 1111 1111 1111"
PAN = ("pan", "4111111111111111")


def found(text: str) -> list[tuple[str, str]]:
    return [(str(f.kind), f.reveal()) for f in find(text)]


def test_figures_alone_answer_a_quoted_line_that_speaks_of_numbers() -> None:
    """The date is what stands below the quoted line, not the one it remembers."""
    assert found(f"Card {VISA}\n> expires when? I wrongly had (for you) 12/26 last time, error 54\n01/28\n") == [
        PAN,
        ("expiry", "01/28"),
    ]


def test_a_month_by_its_name_in_a_field_of_its_own() -> None:
    """Month and year have fields, the month may be a word."""
    assert found(f"Tarjeta: {VISA}\nMes: abril\nAño: 2029\nCVC: 712") == [
        PAN,
        ("expiry", "04/29"),
        ("expiry", "04/29"),
        ("cvv", "712"),
    ]


def test_date_and_code_behind_a_number_and_a_word() -> None:
    """A short date behind a word is the card's if a code stands behind it, else it may be a day."""
    assert found(f"{VISA} - ends 7/28, 388.") == [PAN, ("expiry", "07/28"), ("cvv", "388")]
    assert found(f"{VISA} - arriving 7/28, thanks") == [PAN]


def test_sums_days_and_counts_are_no_pieces() -> None:
    """Between the pieces of a number may stand a day, a sum, and how many figures are wanted."""
    said = "Total 214.60. The Visa starts 4111 1111, the visit is on 04/12. The other eight of the card: 1111 1111"
    assert found(said) == [PAN, PAN]
    assert found("My card: 4111 1111\n> (we need all 16!)\nSorry, 1111 1111 are the last eight") == [PAN, PAN]


def test_hundreds_and_teens_in_french() -> None:
    """Seventeen to nineteen are two words, behind hundreds too."""
    assert found("Cryptogramme visuel : trois cent dix-huit") == [("cvv", "318")]


def test_the_number_of_the_next_line_is_no_figure_of_the_last_one() -> None:
    """A code in words ends where the next item of a list begins."""
    assert found("4. La tarjeta, CVV tres cero nueve.\n5. Guía de la mensajería") == [("cvv", "309")]


def test_credit_before_number_is_a_card() -> None:
    """ "c.credito num" numbers no unknown thing."""
    assert found(f"pagam.: c.credito num    {VISA}") == [PAN]


def test_sums_with_commas_are_no_heads_of_columns() -> None:
    """A line with sums, or names with values, is no heading of the columns of the line below it."""
    assert found(f"consegna: sett. 48, camion max 75, codice cancello 1882\npagam.: {VISA}   (JCB, va bene?)") == [PAN]


def test_a_time_run_together_is_no_month_and_year() -> None:
    """MMYY runs to 2049: "1258" is a door's code or a time."""
    assert found(f"Card {VISA}, exp 1258") == [PAN]


def test_a_date_that_a_mail_program_broke_behind_its_month() -> None:
    """The year may have come to stand on the next line."""
    assert found(f"Card {VISA}, valid until June\n28. Thanks") == [PAN, ("expiry", "06/28")]


def test_a_row_of_fours_that_no_card_has_needs_words_about_one() -> None:
    """Everybody parts long numbers in fours; hardly a card has eighteen digits."""
    assert found("IUV 4720 7081 9336 3606 06") == []
    assert found("Visa card 4720 7081 9336 3606 06") == [("pan", "472070819336360606")]
