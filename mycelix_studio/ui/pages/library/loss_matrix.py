"""What each kind of file can hold: tags by kinds, painted as rows of a card."""

from __future__ import annotations

from itertools import accumulate

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from mycelix_studio.domain.fields import BY_FIELD, Field
from mycelix_studio.services.library_losses import Fate, Kind, Matrix
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.pages.library.model import tr
from mycelix_studio.ui.theme import Theme

ROW = 30
ICON, GAP = 15, 6
LOOKS = {
    Fate.KEPT: ("ph.check", "ok", "t2", "Kept"),
    Fate.FEW_READ: ("ph.warning", "warn", "warn", "Rarely read"),
    Fate.JOINED: ("ph.warning", "warn", "warn", "Joined with “; ”"),
    Fate.FIRST_SHOWN: ("ph.warning", "warn", "warn", "First one shown"),
    Fate.SHORTENED: ("ph.warning", "warn", "warn", "Shortened"),
    Fate.NOT_STORED: ("ph.x-circle", "bad", "bad", "Not stored"),
}


def row_title(field: Field | str) -> str:
    """Return what a row of the matrix is called."""
    return tr(BY_FIELD[field].title) if isinstance(field, Field) else tr("Album art")


def _heading(kind: Kind) -> str:
    files = tr("1 file") if kind.files == 1 else tr("{n} files").format(n=f"{kind.files:,}")
    return f"{kind.name} · {files}"


class LossMatrix(QWidget):
    """The table; its accessible description says what is lost."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.matrix = Matrix()
        self.setAccessibleName(tr("What each kind of file can hold"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self.theme = theme
        self.updateGeometry()

    def show_matrix(self, matrix: Matrix) -> None:
        """Show what becomes of the edits now."""
        self.matrix = matrix
        lost = [
            tr("{field} in {kind}: {fate}").format(field=row_title(field), kind=kind.name, fate=tr(LOOKS[fate][3]))
            for field, fates in matrix.rows
            for kind, fate in zip(matrix.kinds, fates, strict=True)
            if fate is not Fate.KEPT
        ]
        self.setToolTip("\n".join(tr(sentence) for sentence in matrix.why))
        self.setAccessibleDescription("; ".join(lost) or tr("Everything is kept."))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for the heading and every row."""
        return QSize(440, paint.scaled(ROW) * (len(self.matrix.rows) + 1))

    def widths(self, room: float) -> list[float]:
        """Return the widths of the kinds' columns: what their words need and an equal part of what is left, or less for all alike."""
        small, body = paint.font(11, 500), paint.font(13)
        before = paint.scaled(ICON) + GAP
        needs = [
            8
            + max(
                paint.width_of(_heading(kind), small),
                *(before + paint.width_of(tr(LOOKS[fates[place]][3]), body) for _field, fates in self.matrix.rows),
            )
            for place, kind in enumerate(self.matrix.kinds)
        ]
        spare = room - sum(needs)
        return [need + spare / len(needs) if spare >= 0 else need * room / sum(needs) for need in needs]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint heading and rows."""
        painter = QPainter(self)
        t = self.theme
        height = paint.scaled(ROW)
        first = paint.scaled(110)
        kinds = self.matrix.kinds
        widths = self.widths(self.width() - first)
        lefts = list(accumulate(widths, initial=float(first)))
        small, body, strong = paint.font(11, 500), paint.font(13), paint.font(13, 500)
        paint.draw_text(painter, QRectF(8, 0, first - 8, height), tr("Tag"), QColor(t.t3), small)
        for place, kind in enumerate(kinds):
            box = QRectF(lefts[place], 0, widths[place] - 6, height)
            paint.draw_text(painter, box, _heading(kind), QColor(t.t3), small)
        painter.setPen(QPen(QColor(t.line2), 1))
        painter.drawLine(0, height, self.width(), height)
        for number, (field, fates) in enumerate(self.matrix.rows, start=1):
            y = number * height
            name = QRectF(8, y, first - 12, height)
            paint.draw_text(painter, name, row_title(field), QColor(t.t1), strong)
            for place, fate in enumerate(fates):
                icon, icon_tone, tone, words = LOOKS[fate]
                mark = paint.icon_box(lefts[place], y + height / 2, ICON)
                paint.draw_icon(painter, icon, mark, QColor(getattr(t, icon_tone)))
                box = QRectF(mark.right() + GAP, y, widths[place] - mark.width() - GAP - 6, height)
                paint.draw_text(
                    painter, box, tr(words), QColor(getattr(t, tone)), body, align=Qt.AlignmentFlag.AlignLeft
                )
            if number < len(self.matrix.rows):
                painter.setPen(QPen(QColor(t.line), 1))
                painter.drawLine(0, y + height, self.width(), y + height)
        painter.end()
