"""What can be wrong with a file, in words."""

from __future__ import annotations

import errno
from pathlib import Path

from mycelix_studio.errors import Known


class Unreadable(Known):
    """The file is not audio this program reads, is broken, or may not be read. It was not touched."""


class SaveFailed(Known):
    """Tags could not be saved. The file is unchanged, or replaced as a whole; edits are kept."""


def cannot_read(
    path: Path, why: str, hint: str = "Check the file in another program, or take it off the list."
) -> Unreadable:
    """Return the error for a file that cannot be read."""
    return Unreadable(f"Could not read “{path.name}”", f"{why} The file is untouched.", hint)


def from_os(path: Path, error: OSError, *, saving: bool) -> Known:
    """Return the words for an error of the file system."""
    reasons = {
        errno.ENOSPC: ("The disk is full.", "Free some space, then save again."),
        errno.EDQUOT: ("Your share of the disk is full.", "Free some space, then save again."),
        errno.EACCES: ("It is protected.", "Change its permissions, then try again."),
        errno.EPERM: ("It is protected.", "Change its permissions, then try again."),
        errno.EROFS: ("Its disk is read-only.", "Copy it to another place and add it from there."),
        errno.ENOENT: ("It is no longer there.", "Put it back, or take it off the list."),
        errno.EIO: ("The disk reported an error.", "Look at the disk; copy the file to another one."),
        errno.EBUSY: ("Another program uses it.", "Close the other program, then try again."),
    }
    why, hint = reasons.get(error.errno or 0, (f"{error.strerror or error}.", "Try again."))
    if saving:
        return SaveFailed(f"Could not save “{path.name}”", f"{why} Your file is unchanged, your edits are kept.", hint)
    return Unreadable(f"Could not read “{path.name}”", f"{why} Nothing was changed.", hint)
