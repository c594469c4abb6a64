"""A sound's samples, as they come out of its file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from mycelix_studio.media.errors import cannot_read

RATE = 44_100
"""Of a sound that does not say."""


def samples_of(path: Path) -> Iterator[tuple[int, np.ndarray]]:
    """Yield samples a second and the next samples in [-1, 1], shape (channels, n): one channel, or two for sound of more.

    Raises:
        Unreadable: It cannot be decoded.
    """
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise cannot_read(path, "There is no audio in it.")
            stream = container.streams.audio[0]
            rate = stream.rate or RATE
            resampler = av.AudioResampler(format="fltp", layout="mono" if stream.channels == 1 else "stereo")
            for frame in container.decode(stream):
                for part in resampler.resample(frame):
                    yield rate, part.to_ndarray()
    except av.FFmpegError as error:
        raise cannot_read(path, "Its audio is broken.") from error
