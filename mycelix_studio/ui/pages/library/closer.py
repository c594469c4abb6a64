"""Looks closely at the selected track for its waveform: points of a millisecond, read off the GUI thread when somebody zooms in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from mycelix_studio.services.jobs import Job, Lane, Work
from mycelix_studio.services.waveforms import Waveforms

if TYPE_CHECKING:
    from mycelix_studio.ui.charts.pyramid import Pyramid
    from mycelix_studio.ui.pages.library.page import LibraryPage

Read = tuple[int, "Pyramid", float]


class Closer(QObject):
    """Behaviour of one page's waveform."""

    def __init__(self, page: LibraryPage) -> None:
        super().__init__(page)
        self.page = page
        self.track_id: int | None = None
        self._asked = False
        self._job: Job[Read | None] | None = None
        page.view.inspector.waveform.closer.connect(self._read)

    def show(self, track_id: int | None) -> None:
        """Say whose waveform is shown now, or that it is shown anew; what was being read of another is stopped."""
        self.track_id = track_id
        self._asked = False
        if self._job is not None:
            self._job.cancel()
            self._job = None

    @Slot()
    def _read(self) -> None:
        if self.track_id is None or self._asked:
            return
        self._asked = True
        page = self.page
        self._job = page.bridge.run(
            Lane.MEDIA,
            partial(_read, page.studio.waveforms, self.track_id),
            name="waveform",
            success=self._show,
            failure=page.failed,
        )

    @Slot(object)
    def _show(self, read: Read | None) -> None:
        self._job = None
        if read is not None and read[0] == self.track_id and self._asked:
            self.page.view.inspector.waveform.set_fine(read[1], read[2])


def _read(waveforms: Waveforms, track_id: int, work: Work) -> Read | None:
    """MEDIA. Return the points of a track and their length in seconds; None without the track."""
    found = waveforms.peaks(track_id, work)
    if found is None:
        return None
    import numpy as np

    from mycelix_studio.ui.charts.pyramid import Pyramid

    low, high = np.frombuffer(found.low, np.int8), np.frombuffer(found.high, np.int8)
    return track_id, Pyramid(low, high), found.step / 1_000
