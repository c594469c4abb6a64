from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain import identifiers as ids


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (ids.isrc_problem, "NO-A1B-26-00011", "NO-A1B-26-0001"),
        (ids.isrc_problem, "qzes72012345", "1ZES72012345"),
        (ids.isrc_problem, "QMDA72012345", "QMDA7201234X"),
        (ids.iswc_problem, "T-034.524.680-1", "T-034.524.680-2"),
        (ids.iswc_problem, "T0345246801", "0345246801"),
        (ids.ipi_problem, "00014107338", "00014107339"),
        (ids.isni_problem, "0000 0001 2103 2683", "0000 0001 2103 2684"),
        (ids.barcode_problem, "036000291452", "036000291453"),
        (ids.barcode_problem, "4006381333931", "4006381333932"),
    ],
)
def test_a_right_identifier_has_no_problem_and_a_mistyped_one_has(check, right: str, wrong: str) -> None:  # type: ignore[no-untyped-def]
    assert check(right) == ""
    assert check(wrong) != ""


@given(st.from_regex(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}", fullmatch=True))
def test_every_isrc_of_the_standard_is_taken_with_and_without_hyphens(code: str) -> None:
    assert ids.isrc_problem(code) == ids.isrc_problem(ids.isrc_shown(code)) == ""
    assert ids.compact(ids.isrc_shown(code)) == code


@given(st.text(max_size=20))
def test_any_text_gets_an_answer(text: str) -> None:
    for check in (ids.isrc_problem, ids.iswc_problem, ids.ipi_problem, ids.isni_problem, ids.barcode_problem):
        assert isinstance(check(text), str)


@given(st.from_regex(r"[0-9]{12}", fullmatch=True), st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_of_a_barcode_is_found(digits: str, place: int, step: int) -> None:
    check = next(str(n) for n in range(10) if ids.barcode_problem(digits + str(n)) == "")
    changed = digits[:place] + str((int(digits[place]) + step) % 10) + digits[place + 1 :]
    assert ids.barcode_problem(changed + check) != ""
