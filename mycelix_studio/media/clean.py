"""A copy that stores take: FLAC in stereo without anything but sound, beside the file it is made from."""

from __future__ import annotations

import os
import tempfile
from itertools import chain
from pathlib import Path

import av
import numpy as np

from mycelix_studio.files import sync_folder
from mycelix_studio.media.errors import cannot_read, from_os


def clean_copy(path: Path) -> Path:
    """Write ``<name> (clean).flac`` beside a file, lossless at its rate and depth, mono as two equal channels; returns the copy.

    An existing file is never replaced: a number is added to the name.

    Raises:
        Unreadable: The file cannot be decoded, or the folder not be written to.
    """
    handle, name = -1, ""
    try:
        handle, name = tempfile.mkstemp(prefix=".clean-", suffix=".flac", dir=path.parent)
        os.close(handle)
        _encode(path, Path(name))
        with Path(name).open("rb+") as file:
            os.fsync(file.fileno())
        target = _free(path)
        os.link(name, target)  # fails rather than replacing a file made meanwhile
        sync_folder(path.parent)
        return target
    except av.FFmpegError as error:
        raise cannot_read(path, "Its audio is broken.") from error
    except OSError as error:
        raise from_os(path, error, saving=True) from error
    finally:
        if name:
            Path(name).unlink(missing_ok=True)


def _encode(path: Path, target: Path) -> None:
    with av.open(str(path)) as source, av.open(str(target), "w", format="flac") as output:
        if not source.streams.audio:
            raise cannot_read(path, "There is no audio in it.")
        stream = source.streams.audio[0]
        deep = stream.format.bytes > 2
        made = output.add_stream("flac", rate=stream.rate)
        assert isinstance(made, av.AudioStream)
        made.codec_context.format = "s32" if deep else "s16"
        made.codec_context.layout = "stereo"
        layout = "mono" if stream.channels == 1 else "stereo"
        resampler = av.AudioResampler(format="s32" if deep else "s16", layout=layout, rate=stream.rate)
        for frame in chain(source.decode(stream), (None,)):
            for part in resampler.resample(frame):
                output.mux(made.encode(_both(part) if layout == "mono" else _from_start(part)))
        output.mux(made.encode(None))


def _both(part: av.AudioFrame) -> av.AudioFrame:
    """Return one channel as two equal ones; FFmpeg's own way would turn it down by 3 dB."""
    kind = np.int32 if part.format.name == "s32" else np.int16
    both = np.repeat(part.to_ndarray().astype(kind), 2, axis=1)
    made = av.AudioFrame.from_ndarray(both, format=part.format.name, layout="stereo")
    made.sample_rate = part.sample_rate
    return made


def _from_start(part: av.AudioFrame) -> av.AudioFrame:
    part.pts = None
    return part


def _free(path: Path) -> Path:
    stem = path.stem[:200]
    for number in range(1, 1000):
        target = path.with_name(f"{stem} (clean{'' if number == 1 else f' {number}'}).flac")
        if not target.exists():
            return target
    raise FileExistsError(17, "There are a thousand copies already")
