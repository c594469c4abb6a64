"""The main window: sidebar, pages made when first opened, status bar, palette, toasts, keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, QCoreApplication, QSettings, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from mycelix_studio import settings as keys
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Lane
from mycelix_studio.services.status import Status
from mycelix_studio.services.studio import Studio
from mycelix_studio.ui.bridge import Bridge
from mycelix_studio.ui.covers import Covers
from mycelix_studio.ui.look import Look
from mycelix_studio.ui.pages import PAGES
from mycelix_studio.ui.pages.base import Command, Context, Page, as_known
from mycelix_studio.ui.sidebar import Sidebar
from mycelix_studio.ui.statusbar import StatusBar
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.toasts import Message, Toasts

if TYPE_CHECKING:
    from mycelix_studio.services.notices import Told
    from mycelix_studio.ui.first_run import FirstRun
    from mycelix_studio.ui.palette import Palette

SMALLEST: Final = (1024, 680)
DESIGNED: Final = (1440, 900)
NARROW_BELOW: Final = 1120
STATUS_MS: Final = 2_000
QUIET_MS: Final = 1_500
MOST_TOLD: Final = 3


class MainWindow(QMainWindow):
    """The frame around the pages.

    Args:
        studio: The open profile.
        bridge: Brings results of jobs here.
        look: The theme.
    """

    def __init__(self, studio: Studio, bridge: Bridge, look: Look) -> None:
        super().__init__()
        self.studio = studio
        self.bridge = bridge
        self.look = look
        self._status = Status()
        self.first_run: FirstRun | None = None
        self.setWindowTitle("Mycelix Studio")
        self.setMinimumSize(*SMALLEST)
        self.resize(*DESIGNED)
        self.covers = Covers(studio, bridge, self)
        self.context = Context(studio, bridge, look, self.covers, self)
        self.pages: dict[str, Page] = {}
        self.sidebar = Sidebar(look.theme)
        self.stack = QStackedWidget()
        self.bar = StatusBar(look.theme)
        self._lay_out()
        self.toasts = Toasts(self.middle, look.theme)
        self._palette: Palette | None = None
        self.sidebar.page_wanted.connect(self.go)
        self.sidebar.palette_wanted.connect(self.open_palette)
        self.bar.wanted.connect(self._from_status_bar)
        self.bridge.store_changed.connect(self._on_changes)
        self.bridge.failed.connect(self._on_failed)
        self.look.changed.connect(self._on_theme)
        self._own = self._own_commands()
        self._unbound: list[tuple[QWidget, Sequence[Command], Qt.ShortcutContext]] = [
            (self, self._own, Qt.ShortcutContext.WindowShortcut)
        ]
        self._binding = QTimer(self, singleShot=True, interval=0)  # keys come to life once the first page is painted
        self._binding.timeout.connect(self._bind)
        self._binding.start()
        self._kept = QSettings(str(studio.paths.config / "window.ini"), QSettings.Format.IniFormat)
        geometry = self._kept.value("geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        self.show_status(self._status)
        self._asking = False
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._quiet.timeout.connect(self._look_for_notices)
        self._beat = QTimer(self, interval=STATUS_MS)
        self._beat.timeout.connect(self._ask_status)

    def welcome(self) -> None:
        """Show the four doors in place of the pages, until one of them is taken."""
        from mycelix_studio.ui.first_run import FirstRun

        self.first_run = FirstRun(self.look.theme)
        self.first_run.taken.connect(self._door)
        self.outer.addWidget(self.first_run)
        self.outer.setCurrentWidget(self.first_run)

    @property
    def welcomed(self) -> bool:
        """True once a door was taken on this profile."""
        return bool(self._kept.value("welcomed", False, bool))

    def set_welcomed(self) -> None:
        """Remember that a door was taken."""
        self._kept.setValue("welcomed", True)

    @Slot(str)
    def _door(self, door: str) -> None:
        self.set_welcomed()
        self.outer.setCurrentWidget(self.frame)
        known = {spec.key for spec in PAGES}
        if door == "music":
            self.go("library")
            page = self.page("library")
            page.open("add")
        elif door == "restore" and "wallet" in known:
            self.go("wallet", "bring")
        else:
            self.go("settings", "Platform and sync")

    # what pages may ask (Shell) -----------------------------------------------------------------------------------------

    def toast(self, message: Message) -> None:
        """Tell what happened."""
        self.toasts.show(message)

    @Slot(str)
    def go(self, page: str, target: object = None) -> None:
        """Open a page, making it when it is opened for the first time."""
        shown = self.page(page)
        self.stack.setCurrentWidget(shown)
        self.sidebar.set_page(page)
        shown.show_now()
        if self.studio.settings.get(keys.CLIENT_EVENTS):
            self.studio.usage.note("page", page=page)
        if target is not None:
            shown.open(target)

    def status(self) -> Status:
        """Return what the status bar shows."""
        return self._status

    def sync_now(self) -> None:
        """Start a sync; says so when there is no platform yet."""
        if self.studio.settings.get(keys.API_URL):
            self.studio.sync.ask()
            return
        words = self.tr("Say in Settings which platform you use.")
        self.toast(
            Message(self.tr("No platform yet"), words, "info", self.tr("Open settings"), partial(self.go, "settings"))
        )

    # the frame ----------------------------------------------------------------------------------------------------------

    @property
    def current(self) -> Page | None:
        """The open page."""
        widget = self.stack.currentWidget()
        return widget if isinstance(widget, Page) else None

    def page(self, key: str) -> Page:
        """Return a page, making it if needed."""
        if key not in self.pages:
            spec = next(spec for spec in PAGES if spec.key == key)
            page = spec.make(self.context)
            self.pages[key] = page
            self.stack.addWidget(page)
            self._unbound.append((page, page.commands(), Qt.ShortcutContext.WidgetWithChildrenShortcut))
            if not self._binding.isActive():
                self._bind()
        return self.pages[key]

    def show_status(self, status: Status) -> None:
        """Show another status in sidebar and status bar."""
        self._status = status
        self.bar.show_status(status)
        self.sidebar.show_status(status, self.studio.settings.get(keys.ARTIST_NAME))

    def all_commands(self) -> list[Command]:
        """Return what can be done anywhere and on the pages opened so far, the open page's first."""
        current = self.current
        own = list(current.commands()) if current is not None else []
        others = [command for page in self.pages.values() if page is not current for command in page.commands()]
        return own + self._own + others

    @property
    def palette_frame(self) -> Palette:
        """The palette, made when it is first wanted."""
        if self._palette is None:
            from mycelix_studio.ui.palette import Palette

            self._palette = Palette(self.middle, self.look.theme)
        return self._palette

    def open_palette(self) -> None:
        """Open the palette."""
        current = self.current
        own = list(current.commands()) if current is not None else []
        self.palette_frame.open_with(own + self._own)

    def open_keys(self) -> None:
        """Show the list of keys."""
        from mycelix_studio.ui.palette import KeysDialog

        dialog = KeysDialog(self.all_commands(), self.look.theme, self)
        dialog.exec()
        dialog.deleteLater()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold sidebar and status bar in a narrow window."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW_BELOW
        self.sidebar.set_narrow(narrow)
        self.bar.set_narrow(narrow)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask the pages, remember the size."""
        if not all(page.leave() for page in self.pages.values()):
            event.ignore()
            return
        self._kept.setValue("geometry", self.saveGeometry())
        self._kept.sync()
        self._beat.stop()
        self._quiet.stop()
        self.toasts.clear()
        if self._palette is not None:
            self._palette.hide()
        if self.first_run is not None:
            self.first_run.close_demo()
        super().closeEvent(event)

    # inside -------------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.middle = QWidget()
        self.frame = QWidget()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.sidebar)
        row.addWidget(self.stack, 1)
        column = QVBoxLayout(self.frame)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row, 1)
        column.addWidget(self.bar)
        self.outer = QStackedWidget()
        self.outer.addWidget(self.frame)
        whole = QVBoxLayout(self.middle)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.outer)
        self.setCentralWidget(self.middle)

    def _own_commands(self) -> list[Command]:
        here = self.tr("Anywhere")
        commands = [
            Command(
                self.tr("Go to {page}").format(page=QCoreApplication.translate("Pages", spec.title)),
                partial(self.go, spec.key),
                "Ctrl+," if spec.key == "settings" else f"Ctrl+{number}",
                here,
                spec.icon,
            )
            for number, spec in enumerate(PAGES, start=1)
        ]
        return [
            *commands,
            Command(self.tr("Go to or do"), self.open_palette, "Ctrl+K", here, "ph.magnifying-glass"),
            Command(self.tr("Sync now"), self.sync_now, "F5", here, "ph.arrows-clockwise"),
            Command(self.tr("Filter this page"), self._focus_filter, "Ctrl+F", here, "ph.funnel"),
            Command(self.tr("Filter this page, too"), self._focus_filter, "/", here, "ph.funnel"),
            Command(self.tr("Lock the wallet"), self._lock, "Ctrl+L", here, "ph.lock-key"),
            Command(self.tr("Next pane"), self._next_pane, "F6", here, "ph.columns"),
            Command(self.tr("Switch between dark and light"), self._switch_theme, "", here, "ph.moon"),
            Command(self.tr("Show all keys"), self.open_keys, "F1", here, "ph.keyboard"),
        ]

    @Slot()
    def _bind(self) -> None:
        """Let the keys of what was made do what they say."""
        from PySide6.QtGui import QAction, QKeySequence

        unbound, self._unbound = self._unbound, []
        for widget, commands, context in unbound:
            for command in commands:
                if not command.keys:
                    continue
                action = QAction(command.words, widget)
                action.setShortcut(QKeySequence(command.keys))
                action.setShortcutContext(context)
                action.triggered.connect(_guarded(command))
                widget.addAction(action)

    def watch(self) -> None:
        """Keep the status up to date from now on."""
        self._beat.start()
        self._ask_status()

    @Slot()
    def _ask_status(self) -> None:
        if not self._asking:
            self._asking = True
            background = self.studio.background
            self.bridge.run(
                Lane.IO,
                lambda _work: background.status(),
                name="status",
                success=self._got_status,
                failure=self._no_status,
                cancelled=self._no_status,
            )

    @Slot(object)
    def _got_status(self, status: Status) -> None:
        self._asking = False
        if status != self._status:
            self.show_status(status)

    @Slot(object)
    def _no_status(self, error: Exception | None = None) -> None:
        self._asking = False
        if error is not None:
            self._beat.stop()
            self._on_failed(error)

    def _focus_filter(self) -> None:
        if self.current is not None:
            self.current.focus_filter()

    def _lock(self) -> None:
        self.bridge.run(Lane.DB, lambda _work: self.studio.wallet.lock(), name="lock", success=self._locked)

    @Slot(object)
    def _locked(self, changes: Changes) -> None:
        if changes.kinds:
            self.toast(Message(self.tr("Wallet locked"), self.tr("Unlock it under Wallet to sign."), "info"))

    def _next_pane(self) -> None:
        focus = self.focusWidget()
        if focus is not None and self.sidebar.isAncestorOf(focus) and self.current is not None:
            self.current.focusNextChild()
        else:
            self.sidebar.buttons[next(key for key, page in self.pages.items() if page is self.current)].setFocus(
                Qt.FocusReason.ShortcutFocusReason
            )

    def _switch_theme(self) -> None:
        self.studio.settings.set(keys.THEME, "light" if self.look.theme.name == "dark" else "dark")

    @Slot(str)
    def _from_status_bar(self, what: str) -> None:
        if what == "sync":
            self.sync_now()
        elif what == "keys":
            self.open_keys()
        else:
            known = {spec.key for spec in PAGES}
            page = {"network": "settings", "wallet": "wallet", "outbox": "uploads"}[what]
            self.go(page if page in known else "settings")

    @Slot(object, object)
    def _on_changes(self, changes: Changes, initiator: object) -> None:
        if changes.touches(Kind.EARNINGS):
            self._quiet.start()  # a long sync tells once, at its end
        if self._beat.isActive():
            self._ask_status()
        for page in self.pages.values():
            page.on_changes(changes, initiator)

    @Slot()
    def _look_for_notices(self) -> None:
        self.bridge.run(Lane.DB, lambda _work: self.studio.notices.look(), name="notices", success=self._tell)

    @Slot(object)
    def _tell(self, told: Told) -> None:
        """Tell what happened: each thing, or how many there are."""
        from mycelix_studio.ui.notices import ICONS, notice_words

        show = partial(self.go, "analytics", "alerts")
        if len(told.fresh) > MOST_TOLD:
            title = self.tr("{n} new alerts").format(n=len(told.fresh))
            self.toast(Message(title, "", "info", self.tr("Show them"), show))
            return
        for notice in told.fresh:
            tone = "warn" if ICONS[notice.kind][1] == "warn" else "info"
            self.toast(Message(notice_words(notice), "", tone, self.tr("Show"), show))

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        known = as_known(error)
        self.toast(Message(known.title, " ".join(part for part in (known.message, known.hint) if part), "bad"))

    @Slot(object)
    def _on_theme(self, theme: Theme) -> None:
        self.toasts.set_theme(theme)
        self.setWindowIcon(self.windowIcon())


def _guarded(command: Command) -> Callable[[], None]:
    def run() -> None:
        if command.when():
            command.run()

    return run
