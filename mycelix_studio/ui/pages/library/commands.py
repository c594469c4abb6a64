"""What can be done in the library, with its keys; the same commands make the menus."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from mycelix_studio.ui.icons import icon
from mycelix_studio.ui.pages.base import Command
from mycelix_studio.ui.pages.library.model import tr
from mycelix_studio.ui.palette import shown_keys

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.library.page import LibraryPage


TRACK_MENU = (
    ("play", "compare"),
    ("edit", "many", "save", "revert"),
    ("replace", "names", "rename", "case", "number", "isrcs"),
    ("copy", "paste", "copy-table"),
    ("check", "conflicts", "upload", "upload-clean"),
    ("remove",),
)
LIBRARY_MENU = (("columns",), ("export", "import"), ("check-all", "conflicts"), ("folders", "look"), ("save-all",))


def commands_of(page: LibraryPage) -> Sequence[Command]:
    """Return every command of the page."""
    return tuple(_all(page).values())


def _chosen(page: LibraryPage) -> bool:
    return bool(page.view.table.selected_ids())


def _edit_commands(page: LibraryPage) -> dict[str, Command]:
    where, chosen = tr("Library"), partial(_chosen, page)
    table, library, files = page.table_in_focus, page.library, page.files
    return {
        "add": Command(tr("Add music"), files.ask_for_music, "Ctrl+O", where, "ph.folder-plus"),
        "save": Command(tr("Save tags"), files.save, "Ctrl+S", where, "ph.floppy-disk", chosen),
        "save-all": Command(tr("Save everything unsaved"), files.save_all, "Ctrl+Shift+S", where, "ph.floppy-disk"),
        "undo": Command(
            tr("Undo"), page.take_back, "Ctrl+Z", where, "ph.arrow-counter-clockwise", lambda: library.can_undo
        ),
        "redo": Command(
            tr("Redo"), page.make_again, "Ctrl+Shift+Z", where, "ph.arrow-clockwise", lambda: library.can_redo
        ),
        "many": Command(
            tr("Edit many tracks at once"), page.tools.multi_edit, "Ctrl+E", where, "ph.pencil-simple", chosen
        ),
        "edit": Command(tr("Edit tags"), page.edit_here, "F2", where, "ph.pencil-simple", chosen),
        "revert": Command(tr("Revert edits"), page.editor.revert, "", where, "ph.arrow-counter-clockwise", chosen),
        "upload": Command(tr("Upload"), page.sending.send, "Ctrl+U", where, "ph.cloud-arrow-up", chosen),
        "upload-clean": Command(
            tr("Upload clean FLAC copies"), page.sending.send_clean, "Ctrl+Shift+U", where, "ph.cloud-arrow-up", chosen
        ),
        "details": Command(tr("Show or hide details"), page.toggle_drawer, "Ctrl+I", where, "ph.layout"),
        "next": Command(tr("Next track"), partial(page.neighbour, 1), "Alt+Down", where, "ph.arrow-down", chosen),
        "before": Command(tr("Track before"), partial(page.neighbour, -1), "Alt+Up", where, "ph.arrow-up", chosen),
        "remove": Command(tr("Take off the list"), files.remove, "Del", where, "ph.trash", table),
    }


def _tool_commands(page: LibraryPage) -> dict[str, Command]:
    where, chosen, tools = tr("Library"), partial(_chosen, page), page.tools
    return {
        "replace": Command(tr("Find and replace…"), tools.replace, "Ctrl+H", where, "ph.magnifying-glass", chosen),
        "names": Command(tr("Fill tags from file names…"), tools.names, "", where, "ph.text-aa", chosen),
        "rename": Command(tr("Rename files from tags…"), tools.rename, "", where, "ph.pencil-line", chosen),
        "case": Command(tr("Capitals and spaces…"), tools.case, "", where, "ph.text-aa", chosen),
        "number": Command(tr("Number tracks…"), tools.number, "", where, "ph.list-numbers", chosen),
        "isrcs": Command(tr("Give ISRCs…"), tools.isrcs, "", where, "ph.identification-badge", chosen),
        "copy": Command(tr("Copy tags"), tools.copy_tags, "Ctrl+Shift+C", where, "ph.copy", chosen),
        "paste": Command(tr("Paste tags…"), tools.paste_tags, "Ctrl+Shift+V", where, "ph.clipboard", chosen),
        "copy-table": Command(tr("Copy as a table"), page.view.table.copy_as_table, "", where, "ph.table", chosen),
        "export": Command(tr("Export a table (CSV)…"), tools.export_csv, "", where, "ph.table"),
        "import": Command(tr("Import a table (CSV)…"), tools.import_csv, "", where, "ph.table"),
        "conflicts": Command(
            tr("Decide what was changed twice…"), tools.conflicts, "", where, "ph.warning", tools.has_conflicts
        ),
        "columns": Command(tr("Columns…"), tools.columns, "", where, "ph.columns"),
    }


def _file_commands(page: LibraryPage) -> dict[str, Command]:
    where, chosen, tools = tr("Library"), partial(_chosen, page), page.tools
    return {
        "check": Command(tr("Check for delivery…"), tools.report, "Ctrl+R", where, "ph.check-circle", chosen),
        "check-all": Command(tr("Check the whole library…"), tools.report_all, "", where, "ph.check-circle"),
        "folders": Command(tr("Watched folders…"), tools.folders, "", where, "ph.folder"),
        "look": Command(tr("Look at all files again"), page.files.look_again, "", where, "ph.arrows-clockwise"),
    }


def _player_commands(page: LibraryPage) -> dict[str, Command]:
    where, chosen, sound = tr("Player"), partial(_chosen, page), page.sound
    wave = page.view.inspector.waveform
    seen = lambda: wave.isVisible() and wave.measured  # noqa: E731
    return {
        "play": Command(tr("Play or pause"), sound.toggle, "Space", where, "ph.play", chosen),
        "back": Command(tr("Back 10 seconds"), partial(sound.step, -10), "J", where, "ph.rewind", chosen),
        "forward": Command(tr("Forward 10 seconds"), partial(sound.step, 10), "L", where, "ph.fast-forward", chosen),
        "back-1": Command(tr("Back one second"), partial(sound.step, -1), ",", where, "ph.rewind", chosen),
        "forward-1": Command(tr("Forward one second"), partial(sound.step, 1), ".", where, "ph.fast-forward", chosen),
        "closer": Command(tr("Zoom into the waveform"), wave.zoom_in, "+", where, "ph.magnifying-glass", seen),
        "farther": Command(tr("Zoom out of the waveform"), wave.zoom_out, "-", where, "ph.magnifying-glass", seen),
        "whole": Command(tr("Show the whole waveform"), wave.show_whole, "0", where, "ph.magnifying-glass", seen),
        "mute": Command(tr("Mute"), sound.mute, "M", where, "ph.speaker-slash", chosen),
        "match": Command(tr("Match loudness of all tracks"), page.match, "", where, "ph.equals", chosen),
        "compare": Command(
            tr("Compare two tracks at one loudness"), page.compare, "Shift+A", where, "ph.equals", chosen
        ),
    }


def _all(page: LibraryPage) -> dict[str, Command]:
    return _edit_commands(page) | _tool_commands(page) | _file_commands(page) | _player_commands(page)


def show_menu(page: LibraryPage, point: QPoint, groups: Sequence[Sequence[str]] = TRACK_MENU) -> None:
    """Show a menu of commands in groups; what cannot be done now is grey."""
    commands = _all(page)
    menu = QMenu(page)
    for number, group in enumerate(groups):
        if number:
            menu.addSeparator()
        for command in (commands[key] for key in group):
            words = f"{command.words}\t{shown_keys(command.keys)}" if command.keys else command.words
            action = menu.addAction(icon(command.icon, page.theme, "t2"), words, command.run)
            action.setEnabled(command.when())
    menu.exec(point)
    menu.deleteLater()
