"""Asks for a first and a last day."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QCoreApplication, QDate
from PySide6.QtWidgets import QDateEdit, QHBoxLayout, QWidget

from mycelix_studio.domain.period import Period
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.dialog import Dialog


def tr(source: str) -> str:
    """Translate a text of this module."""
    return QCoreApplication.translate("Dates", source)


class DatesDialog(Dialog):
    """Asks for a first and a last day."""

    def __init__(self, period: Period, last: date, theme: Theme, parent: QWidget) -> None:
        super().__init__(tr("Own dates"), tr("Both days are included. Days are UTC."), theme, parent, width=420)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.first, self.last = (_day(day, last) for day in (period.first, min(period.last, last)))
        for name, field in ((tr("From"), self.first), (tr("To"), self.last)):
            field.setAccessibleName(name)
            row.addWidget(text(name, theme, "small", "t2"))
            row.addWidget(field, 1)
        self.body.addLayout(row)
        self.wrong = text("", theme, "small", "bad", wrap=True)
        self.body.addWidget(self.wrong)
        self.add_button(tr("Cancel")).clicked.connect(self.reject)
        self.show_button = self.add_button(tr("Show these days"), "primary", enter=True)
        self.show_button.clicked.connect(self.accept)
        self.first.dateChanged.connect(self._check)
        self.last.dateChanged.connect(self._check)
        self._check()

    def period(self) -> Period:
        """Return the days chosen."""
        return Period(_date(self.first.date()), _date(self.last.date()))

    def _check(self) -> None:
        right = self.first.date() <= self.last.date()
        self.show_button.setEnabled(right)
        self.wrong.setText("" if right else tr("It ends before it begins."))


def _day(day: date, last: date) -> QDateEdit:
    field = QDateEdit(QDate(day.year, day.month, day.day))
    field.setCalendarPopup(True)
    field.setDisplayFormat("d MMM yyyy")
    field.setMaximumDate(QDate(last.year, last.month, last.day))
    return field


def _date(day: QDate) -> date:
    return date(day.year(), day.month(), day.day())
