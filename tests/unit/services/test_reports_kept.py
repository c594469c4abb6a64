"""What an artist keeps for reports: rates and templates, whole after every fault."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mycelix_studio.domain.fiat import Rate
from mycelix_studio.domain.statement import Choices
from mycelix_studio.errors import Known
from mycelix_studio.services.changes import Kind
from mycelix_studio.services.reports import Format, Options
from mycelix_studio.services.reports_rates import RateBook
from mycelix_studio.services.reports_templates import Template, Templates

MAY = date(2026, 5, 1)


@pytest.fixture
def book(tmp_path: Path) -> RateBook:
    return RateBook(tmp_path / "data" / "rates.csv")


def test_a_table_that_was_never_made_is_empty(book: RateBook) -> None:
    assert book.rates() == () and len(book.table()) == 0


def test_rates_are_kept_exactly_as_typed_and_replaced_by_day(book: RateBook) -> None:
    first = book.set(Rate(MAY, "EUR", "0.9120", "my bank, “noon”"))
    second = book.set(Rate(MAY, "EUR", "0.9130", "bank"))
    assert (first.added, first.replaced, second.added, second.replaced) == (1, 0, 0, 1)
    assert first.changes.touches(Kind.RATES)
    assert book.rates() == (Rate(MAY, "EUR", "0.9130", "bank"),)
    book.remove(MAY, "EUR")
    assert book.rates() == ()


def test_an_import_merges_and_names_the_file_as_source(book: RateBook, tmp_path: Path) -> None:
    book.set(Rate(MAY, "EUR", "0.9", "own"))
    source = tmp_path / "ecb.csv"
    source.write_text("date;price\n2026-05-01;0,91\n2026-05-02;0,92\n", encoding="utf-8")
    done = book.take_file(source, "EUR")
    assert (done.added, done.replaced) == (1, 1)
    assert [(rate.price, rate.source) for rate in book.rates()] == [("0.91", "ecb.csv"), ("0.92", "ecb.csv")]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00broken", b"date,price\n2026-05-01,abc\n", b""])
def test_a_bad_import_takes_nothing(book: RateBook, tmp_path: Path, content: bytes) -> None:
    book.set(Rate(MAY, "EUR", "0.9", "own"))
    source = tmp_path / "bad.csv"
    source.write_bytes(content)
    with pytest.raises(Known, match="Could not read these rates"):
        book.take_file(source, "EUR")
    with pytest.raises(Known, match="Could not read these rates"):
        book.take_file(tmp_path / "none.csv", "EUR")
    assert book.rates() == (Rate(MAY, "EUR", "0.9", "own"),)


def test_a_price_that_is_none_is_refused(book: RateBook) -> None:
    with pytest.raises(Known, match="not a price"):
        book.set(Rate(MAY, "EUR", "-1", "own"))
    assert not book.path.exists()


def test_a_table_that_cannot_be_written_stays(book: RateBook) -> None:
    book.set(Rate(MAY, "EUR", "0.9", "own"))
    blocked = RateBook(book.path / "inside" / "rates.csv")
    with pytest.raises(Known, match="Could not"):
        blocked.set(Rate(MAY, "EUR", "0.8", "own"))
    assert book.rates()[0].price == "0.9"


def test_templates_come_back_whole(tmp_path: Path) -> None:
    kept = Templates(tmp_path / "t.json")
    assert kept.all() == ()
    options = Options(frozenset({Format.PDF, Format.JSON}), person_pages=False, guard=False, chart=False)
    template = Template("For the band", Choices(frozenset({"0x1"}), frozenset({"auction"}), "0xabc"), options, "EUR")
    assert kept.save(template).touches(Kind.STATEMENTS)
    kept.save(Template(" accountant ", Choices(), Options()))
    assert [known.name for known in kept.all()] == ["accountant", "For the band"]
    assert kept.all()[1] == template
    kept.remove("accountant")
    kept.remove("nobody")
    assert kept.all() == (template,)


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_template_needs_a_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(Known, match="needs a name"):
        Templates(tmp_path / "t.json").save(Template(name, Choices(), Options()))


@pytest.mark.parametrize("content", ["[]", "{", '{"a": {"songs": 3}}', '{"a": {"songs": [], "strategies": []}}'])
def test_templates_that_cannot_be_read_are_set_aside(tmp_path: Path, content: str) -> None:
    path = tmp_path / "t.json"
    path.write_text(content)
    assert Templates(path).all() == ()
    assert path.with_suffix(".json.broken").read_text() == content
