"""What can be done with uploads: the page's commands and the menu of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from mycelix_studio.domain.upload import UploadRow, UploadState
from mycelix_studio.ui.pages.base import Command
from mycelix_studio.ui.pages.uploads.model import ACT_WORDS, Act, acts_of, tr

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.uploads.page import UploadsPage


def commands_of(page: UploadsPage) -> tuple[Command, ...]:
    """Return what can be done on the page."""
    where = tr("Uploads")
    chosen, some = page.table_in_focus, page.something_goes
    return (
        Command(tr("Choose files to upload"), page.adding.ask_for_files, "Ctrl+O", where, "ph.plus"),
        Command(tr("Pause or go on"), page.pause_or_resume, "Ctrl+P", where, "ph.pause", chosen),
        Command(tr("Pause or go on with all"), page.pause_or_resume_all, "Ctrl+Shift+P", where, "ph.pause", some),
        Command(tr("Try again"), page.retry_selected, "Ctrl+R", where, "ph.arrow-clockwise", chosen),
        Command(tr("Stop, or take off the queue"), page.stop_or_remove, "Del", where, "ph.x", chosen),
        Command(tr("Earlier"), partial(page.move_selected, -1), "Alt+Up", where, "ph.arrow-up", chosen),
        Command(tr("Later"), partial(page.move_selected, 1), "Alt+Down", where, "ph.arrow-down", chosen),
        Command(tr("Send next"), partial(page.move_selected, None), "Alt+Home", where, "ph.arrow-line-up", chosen),
        Command(tr("Send a clean copy instead"), page.adding.send_clean, "", where, "ph.copy", chosen),
        Command(tr("Take everything done off the queue"), page.clear_done, "", where, "ph.check"),
        Command(tr("Try the server now"), page.try_now, "", where, "ph.arrows-clockwise"),
        Command(tr("Show or hide details"), page.toggle_drawer, "Ctrl+I", where, "ph.layout"),
    )


def menu_of(page: UploadsPage, rows: Sequence[UploadRow]) -> QMenu:
    """Return the menu of the selected rows; the caller shows and deletes it."""
    menu = QMenu(page)
    if len(rows) == 1:
        for act in dict.fromkeys((*acts_of(rows[0]), Act.SHOW)):
            if act is not Act.MORE:
                menu.addAction(tr(ACT_WORDS[act]), partial(page.acted, rows[0].id, act))
        if rows[0].state is UploadState.DONE:
            menu.addAction(tr(ACT_WORDS[Act.REMOVE]), partial(page.acted, rows[0].id, Act.REMOVE))
    elif rows:
        menu.addAction(tr("Pause or go on"), page.pause_or_resume)
        menu.addAction(tr("Try again"), page.retry_selected)
        menu.addAction(tr("Stop, or take off the queue"), page.stop_or_remove)
    if any(row.state is not UploadState.DONE for row in rows):
        menu.addAction(tr("Send a clean copy instead"), page.adding.send_clean)
        menu.addAction(tr("Send next"), partial(page.move_selected, None))
        menu.addAction(tr("Earlier"), partial(page.move_selected, -1))
        menu.addAction(tr("Later"), partial(page.move_selected, 1))
    menu.addSeparator()
    menu.addAction(tr("Take everything done off the queue"), page.clear_done)
    menu.addAction(tr("Copy as a table"), page.view.table.copy_as_table)
    return menu
