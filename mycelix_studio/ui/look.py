"""Applies a theme to the whole program: fonts, palette, style sheet, then every widget that paints for itself.

A widget that keeps colours has ``set_theme(theme)``; :class:`Look` calls it on all widgets when the theme or the size of text changes.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from mycelix_studio import settings as keys
from mycelix_studio.paths import resource
from mycelix_studio.settings import Settings
from mycelix_studio.ui import sizes
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.qss import stylesheet
from mycelix_studio.ui.theme import DARK, LIGHT, Theme

FONT_FILES = ("Inter-Regular.ttf", "Inter-Medium.ttf", "Inter-SemiBold.ttf")


def load_fonts() -> None:
    """Make the bundled fonts known to Qt; without them the system's font is used."""
    for name in FONT_FILES:
        QFontDatabase.addApplicationFont(str(resource(f"fonts/{name}")))


def palette_of(theme: Theme) -> QPalette:
    """Return the palette of a theme, for what style sheets do not reach."""
    made = QPalette()
    role = QPalette.ColorRole
    for name, token in (
        (role.Window, "bg0"), (role.Base, "bg0"), (role.AlternateBase, "bg0"), (role.Button, "bg3"), (role.ToolTipBase, "pop"),
        (role.WindowText, "t1"), (role.Text, "t1"), (role.ButtonText, "t1"), (role.ToolTipText, "t1"), (role.PlaceholderText, "t3"),
        (role.Highlight, "sel2"), (role.HighlightedText, "t1"), (role.Link, "acc"), (role.Accent, "acc"), (role.Mid, "line2"),
        (role.Light, "bg4"), (role.Dark, "line"),
    ):  # fmt: skip
        made.setColor(name, QColor(getattr(theme, token)))
    for name in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, name, QColor(theme.disabled))
    return made


class Look(QObject):
    """The theme in force.

    Signals:
        changed(Theme): After every widget has taken the new theme.
    """

    changed = Signal(object)
    _setting_changed = Signal(str)

    def __init__(self, app: QApplication, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app = app
        self._settings = settings
        load_fonts()
        self.theme = DARK
        self._dressed = False
        self.apply()
        settings.on_change(self._setting_changed.emit)
        self._setting_changed.connect(self._on_setting, Qt.ConnectionType.QueuedConnection)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system)

    @property
    def row_height(self) -> int:
        """Height of a table's row."""
        return paint.scaled(28 if self._settings.get(keys.COMPACT) else 30)

    @property
    def still(self) -> bool:
        """True when nothing may move."""
        return self._settings.get(keys.LESS_MOTION)

    def wanted(self) -> Theme:
        """Return the theme that settings and system ask for."""
        name = self._settings.get(keys.THEME)
        if name == "system":
            light = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Light
            return LIGHT if light else DARK
        return LIGHT if name == "light" else DARK

    def dress(self) -> None:
        """Put the style sheet on, once the first page is made.

        Under a style sheet Qt polishes every widget again each time it, or a parent of it, is given a parent; making the window
        without one takes two thirds of the time.
        """
        self._dressed = True
        # Putting a sheet in place of another polishes every widget several times (1.7 s for 1,500); from none it is done once (0.2 s).
        self._app.setStyleSheet("")
        self._app.setStyleSheet(stylesheet(self.theme, self._settings.get(keys.TEXT_SCALE)))

    def apply(self) -> None:
        """Put the wanted theme on everything."""
        self.theme = self.wanted()
        paint.set_text_percent(self._settings.get(keys.TEXT_SCALE))
        self._app.setFont(paint.font(13))
        self._app.setPalette(palette_of(self.theme))
        if self._dressed:
            self.dress()
        for widget in self._app.allWidgets():
            retheme(widget, self.theme)
        self.changed.emit(self.theme)

    @Slot(str)
    def _on_setting(self, key: str) -> None:
        if key in (keys.THEME.key, keys.TEXT_SCALE.key, keys.COMPACT.key):
            self.apply()

    @Slot()
    def _on_system(self) -> None:
        if self._settings.get(keys.THEME) == "system":
            self.apply()


def retheme(widget: QWidget, theme: Theme) -> None:
    """Give a theme and the size of text to one widget, if it keeps colours or sizes."""
    sizes.grow(widget)
    take = getattr(widget, "set_theme", None)
    if take is not None:
        take(theme)
        widget.update()
