"""A copy that stores take: FLAC or WAV in stereo without anything but sound, beside the file it is made from."""

from __future__ import annotations

import os
import tempfile
import wave
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import av
import numpy as np

from mycelix_studio.domain.upload import CleanKind
from mycelix_studio.files import sync_folder
from mycelix_studio.media.errors import cannot_read, from_os

_LARGEST_WAV = (1 << 32) - 1 - 64
"""Bytes of sound a WAV can have: its lengths are of 32 bits."""


def clean_copy(path: Path, kind: CleanKind = "flac") -> Path:
    """Write ``<name> (clean).<kind>`` beside a file and return it: lossless at its rate, in 16 or 24 bit, mono as two equal channels.

    An existing file is never replaced: a number is added to the name.

    Raises:
        Unreadable: The file cannot be decoded, is too long for the kind, or the folder not be written to.
    """
    handle, name = -1, ""
    try:
        handle, name = tempfile.mkstemp(prefix=".clean-", suffix=f".{kind}", dir=path.parent)
        os.close(handle)
        (_flac if kind == "flac" else _wav)(path, Path(name))
        with Path(name).open("rb+") as file:
            os.fsync(file.fileno())
        target = _free(path, kind)
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


def _flac(path: Path, target: Path) -> None:
    with av.open(str(path)) as source, av.open(str(target), "w", format="flac") as output:
        stream = _sound_of(path, source)
        made = output.add_stream("flac", rate=stream.rate)
        assert isinstance(made, av.AudioStream)
        made.codec_context.format = "s32" if _is_deep(stream) else "s16"
        made.codec_context.layout = "stereo"
        for frame in _stereo(source, stream):
            output.mux(made.encode(frame))
        output.mux(made.encode(None))


def _wav(path: Path, target: Path) -> None:
    """Write a WAV as stores ask for: format tag 0x0001, and nothing after the sound. FFmpeg writes another tag above 16 bit."""
    with av.open(str(path)) as source, wave.open(str(target), "wb") as output:
        stream = _sound_of(path, source)
        deep = _is_deep(stream)
        output.setnchannels(2)
        output.setsampwidth(3 if deep else 2)
        output.setframerate(stream.rate)
        for frame in _stereo(source, stream):
            samples = frame.to_ndarray().ravel()
            # 24 bits in 32 are the upper three bytes, the least first.
            data = samples.astype("<i4").view(np.uint8).reshape(-1, 4)[:, 1:] if deep else samples.astype("<i2")
            if output.tell() * 2 * output.getsampwidth() + data.nbytes > _LARGEST_WAV:
                raise cannot_read(path, "It is too long for a WAV. Make a FLAC.")
            output.writeframesraw(data.tobytes())


def _sound_of(path: Path, source: av.container.InputContainer) -> av.AudioStream:
    if not source.streams.audio:
        raise cannot_read(path, "There is no audio in it.")
    return source.streams.audio[0]


def _is_deep(stream: av.AudioStream) -> bool:
    return stream.format.bytes > 2


def _stereo(source: av.container.InputContainer, stream: av.AudioStream) -> Iterator[av.AudioFrame]:
    """Decode as two interleaved channels of 16 bit, or of 24 in 32."""
    name = "s32" if _is_deep(stream) else "s16"
    layout = "mono" if stream.channels == 1 else "stereo"
    resampler = av.AudioResampler(format=name, layout=layout, rate=stream.rate)
    for frame in chain(source.decode(stream), (None,)):
        for part in resampler.resample(frame):
            yield _both(part) if layout == "mono" else _from_start(part)


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


def _free(path: Path, kind: CleanKind) -> Path:
    stem = path.stem[:200]
    for number in range(1, 1000):
        target = path.with_name(f"{stem} (clean{'' if number == 1 else f' {number}'}).{kind}")
        if not target.exists():
            return target
    raise FileExistsError(17, "There are a thousand copies already")
