"""Statements as files: one statement in, any of five formats out, all from the same rows.

Every file is a pure function of the statement, so the same inputs give the same bytes on any machine and any day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from mycelix_studio.domain.period import Period
from mycelix_studio.domain.statement import Choices, Inputs, Statement
from mycelix_studio.domain.statement_build import build
from mycelix_studio.errors import Known
from mycelix_studio.files import write_atomic
from mycelix_studio.services.jobs import Work


class Format(StrEnum):
    """A kind of file."""

    PDF = "pdf"
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    BEANCOUNT = "beancount"


@dataclass(frozen=True, slots=True)
class Options:
    """How files are made.

    Attributes:
        person_pages: A page per person in the PDF, and a second CSV of the shares.
        guard: Escape cells a spreadsheet would run as a formula; off gives raw text.
        chart: Bars of the net in the PDF.
    """

    formats: frozenset[Format] = frozenset({Format.PDF, Format.CSV})
    person_pages: bool = True
    guard: bool = True
    chart: bool = True


class Source(Protocol):
    """Where the inputs of a statement come from."""

    def inputs(self, period: Period, currency: str) -> Inputs:
        """Return what a statement of ``period`` is made from, with values in ``currency`` unless that is empty."""
        ...


@dataclass(frozen=True, slots=True)
class Saved:
    """What was written: the statements and every file, in order."""

    statements: tuple[Statement, ...]
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Reports:
    """Statements of one profile."""

    source: Source

    def statement(self, period: Period, choices: Choices | None = None, currency: str = "") -> Statement:
        """Return the statement of a period from what is on this computer.

        Raises:
            Known: The currency is not one.
        """
        return build(self.source.inputs(period, currency), period, choices or Choices())

    def save(
        self,
        folder: Path,
        period: Period,
        choices: Choices | None = None,
        *,
        currency: str = "",
        options: Options | None = None,
        stem: str = "",
    ) -> Saved:
        """Write the files of one period to ``folder`` and return the statement with their paths.

        Raises:
            Known: The folder cannot be written or a file not be made; files already there under these names are whole.
        """
        statement = self.statement(period, choices, currency)
        return Saved((statement,), write(statement, folder, options or Options(), stem or file_stem(statement)))

    def batch(
        self,
        folder: Path,
        periods: Sequence[Period],
        choices: Iterable[Choices] = (Choices(),),
        *,
        currency: str = "",
        options: Options | None = None,
        work: Work | None = None,
    ) -> Saved:
        """Write the files of many periods and choices (such as one per person), each under its own name.

        Raises:
            Known: As :meth:`save`. What was written before stays.
            Cancelled: Stopped between two statements.
        """
        wanted = [(period, choice) for choice in tuple(choices) for period in periods]
        statements: list[Statement] = []
        files: list[Path] = []
        for number, (period, choice) in enumerate(wanted):
            if work is not None:
                work.progress(number, len(wanted), period.title)
            saved = self.save(folder, period, choice, currency=currency, options=options)
            statements += saved.statements
            files += saved.files
        if work is not None:
            work.progress(len(wanted), len(wanted))
        return Saved(tuple(statements), tuple(files))


def file_stem(statement: Statement) -> str:
    """Return a name such as ``statement-2026-05`` that tells two different choices apart."""
    choices = statement.choices
    parts = ["statement", statement.period.slug]
    parts += [song[2:10] for song in sorted(choices.songs)[:3]]
    if len(choices.songs) > 3:
        parts.append(f"and-{len(choices.songs) - 3}-more")
    parts += sorted(choices.strategies)
    if choices.person:
        parts.append(choices.person[:10])
    return "-".join(parts)


def write(statement: Statement, folder: Path, options: Options, stem: str) -> tuple[Path, ...]:
    """Write a statement's files, each whole or not at all, and return their paths.

    Raises:
        Known: The folder cannot be written or the disk is full.
    """
    files = []
    for name, data in render(statement, options, stem):
        path = folder / name
        try:
            write_atomic(path, data, mode=0o644)
        except OSError as error:
            raise Known(
                f"Could not save “{name}”",
                f"{error.strerror or error}. Files that were there are unchanged.",
                "Choose another folder, or free some space, then save again.",
            ) from error
        files.append(path)
    return tuple(files)


def render(statement: Statement, options: Options, stem: str) -> list[tuple[str, bytes]]:
    """Return name and bytes of each file asked for, in a fixed order."""
    files: list[tuple[str, bytes]] = []
    for kind in Format:
        if kind in options.formats:
            files += _render_one(statement, kind, options, stem)
    return files


def _render_one(statement: Statement, kind: Format, options: Options, stem: str) -> list[tuple[str, bytes]]:
    if kind is Format.PDF:
        from mycelix_studio.services import reports_pdf

        made = reports_pdf.statement_pdf(statement, person_pages=options.person_pages, chart=options.chart)
        return [(f"{stem}.pdf", made)]
    if kind is Format.XLSX:
        from mycelix_studio.services import reports_pdf, reports_xlsx

        return [(f"{stem}.xlsx", reports_xlsx.statement_xlsx(statement, reports_pdf.pinned(statement)))]
    if kind is Format.BEANCOUNT:
        from mycelix_studio.services import reports_beancount

        return [(f"{stem}.beancount", reports_beancount.statement_beancount(statement))]
    from mycelix_studio.services import reports_csv

    if kind is Format.JSON:
        return [(f"{stem}.json", reports_csv.statement_json(statement))]
    files = [(f"{stem}.csv", reports_csv.statement_csv(statement, guard=options.guard))]
    if options.person_pages and statement.people:
        files.append((f"{stem}-shares.csv", reports_csv.shares_csv(statement, guard=options.guard)))
    return files
