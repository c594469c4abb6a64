"""What is said, wherever the signing dialog was opened, when its requests were saved for another computer."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mycelix_studio.ui.dialogs.sign.parts import tr
from mycelix_studio.ui.widgets.toasts import Message

if TYPE_CHECKING:
    from mycelix_studio.ui.dialogs.sign.dialog import SignDialog
    from mycelix_studio.ui.pages.base import Shell


def request_saved(shell: Shell, dialog: SignDialog, path: object) -> None:
    """Say where the file is to go, offer its codes, and name what can only be asked for after it."""
    file = Path(str(path))
    words = tr("Carry “{name}” to the other computer, or show it as codes.").format(name=file.name)
    more = dialog.expected - len(dialog.flow.requests)
    if more > 0:
        words += " " + tr("{n} more can be made once these are confirmed.").format(n=more)
    show = partial(shell.go, "wallet", file)
    shell.toast(Message(tr("Request saved"), words, action=tr("Show as codes"), run=show))
