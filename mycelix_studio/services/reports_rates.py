"""The artist's own table of rates: a CSV in the profile that can be edited by hand, and imports into it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mycelix_studio.domain.fiat import Rate, RateTable, parse_rates
from mycelix_studio.errors import Known
from mycelix_studio.files import write_atomic
from mycelix_studio.services.changes import Changes, Kind

_MOST_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. ``changes`` tells the pages."""

    added: int
    replaced: int
    changes: Changes


class RateBook:
    """The table of one profile, in ``rates.csv`` of its data folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def table(self) -> RateTable:
        """Return the rates.

        Raises:
            Known: The file was edited into something that cannot be read; it is left as it is.
        """
        return RateTable(self.rates())

    def rates(self) -> tuple[Rate, ...]:
        """Return the rates by currency and day; empty when there is no table yet.

        Raises:
            Known: As :meth:`table`.
        """
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError) as error:
            raise Known("Could not read your rates", f"{error}.", f"Look at {self.path}.") from error
        if text.strip().count("\n") == 0:
            return ()
        return tuple(sorted(parse_rates(text, "", "own table"), key=lambda rate: (rate.currency, rate.day)))

    def set(self, rate: Rate) -> Imported:
        """Keep one rate, replacing that of its day and currency.

        Raises:
            Known: The price is no price, or the file cannot be written.
        """
        parse_rates(f"date,price,currency\n{rate.day.isoformat()},{rate.price},{rate.currency}\n", "", "")
        return self._merge([rate])

    def remove(self, day: date, currency: str) -> Changes:
        """Take the rate of a day out.

        Raises:
            Known: The file cannot be written.
        """
        kept = [rate for rate in self.rates() if (rate.day, rate.currency) != (day, currency)]
        self._write(kept)
        return Changes.of(Kind.RATES)

    def take_file(self, path: Path, currency: str) -> Imported:
        """Import a CSV of rates; the file's name is the source of rows that name none.

        Raises:
            Known: The file cannot be read, or a line in it; then nothing is taken.
        """
        try:
            if path.stat().st_size > _MOST_BYTES:
                raise Known(
                    "Could not read these rates",
                    f"“{path.name}” is too large for a table of rates.",
                    "Choose another file.",
                )
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise Known("Could not read these rates", f"“{path.name}” is not text.", "Export it as CSV.") from error
        except OSError as error:
            raise Known("Could not read these rates", f"{error.strerror or error}.", "Choose another file.") from error
        return self._merge(parse_rates(text, currency, path.name))

    def _merge(self, fresh: list[Rate] | tuple[Rate, ...]) -> Imported:
        kept = {(rate.currency, rate.day): rate for rate in self.rates()}
        before = len(kept)
        replaced = sum((rate.currency, rate.day) in kept for rate in fresh)
        kept.update({(rate.currency, rate.day): rate for rate in fresh})
        self._write(list(kept.values()))
        return Imported(len(kept) - before, replaced, Changes.of(Kind.RATES))

    def _write(self, rates: list[Rate]) -> None:
        target = io.StringIO(newline="")
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(["date", "currency", "price", "source"])
        for rate in sorted(rates, key=lambda item: (item.currency, item.day)):
            writer.writerow([rate.day.isoformat(), rate.currency, rate.price, rate.source])
        try:
            write_atomic(self.path, target.getvalue().encode())
        except OSError as error:
            raise Known(
                "Could not save your rates",
                f"{error.strerror or error}. The table is as it was.",
                "Free some space, then try again.",
            ) from error
