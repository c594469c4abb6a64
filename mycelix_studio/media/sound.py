"""What a track sounds like in figures: the outline of its waveform, loudness and true peak (ITU-R BS.1770, EBU R 128)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from mycelix_studio.media.errors import cannot_read
from mycelix_studio.media.peaks import peaks

POINTS = 2_000
GATE = -70.0
"""LUFS of the absolute gate of BS.1770; the meter says exactly this where nothing was louder."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The waveform in points of equal length.

    Attributes:
        low: Least sample of each point, -128 to 127.
        high: Greatest sample.
        clipped: Runs of three or more samples at full scale.
    """

    low: bytes
    high: bytes
    clipped: int


@dataclass(frozen=True, slots=True)
class Loudness:
    """Loudness of a whole track.

    Attributes:
        integrated: LUFS.
        range: LU.
        true_peak: dBTP of the loudest channel.
    """

    integrated: float
    range: float
    true_peak: float


def outline(path: Path, points: int = POINTS) -> Outline:
    """Decode a file once and return its outline.

    Raises:
        Unreadable: It cannot be decoded.
    """
    found = peaks(path)
    low, high = np.frombuffer(found.low, np.int8), np.frombuffer(found.high, np.int8)
    edges = np.linspace(0, len(low), min(points, len(low)) + 1).astype(int)[:-1]
    return Outline(np.minimum.reduceat(low, edges).tobytes(), np.maximum.reduceat(high, edges).tobytes(), found.clipped)


def loudness(path: Path) -> Loudness:
    """Measure loudness with FFmpeg's ebur128 filter.

    Raises:
        Unreadable: It cannot be decoded, or is too short (under 0.4 s) or too quiet (silence) to measure, or holds samples that are
            no numbers, as broken files of floating point do.
    """
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise cannot_read(path, "There is no audio in it.")
            stream = container.streams.audio[0]
            graph = av.filter.Graph()
            source = graph.add_abuffer(template=stream)
            meter = graph.add("ebur128", "metadata=1:peak=true:framelog=quiet")
            sink = graph.add("abuffersink")
            source.link_to(meter)
            meter.link_to(sink)
            graph.configure()
            last: dict[str, str] = {}
            for frame in container.decode(stream):
                graph.push(frame)
                last = _drain(graph) or last
            graph.push(None)
            last = _drain(graph) or last
    except av.FFmpegError as error:
        raise cannot_read(path, "Its audio is broken.") from error
    peaks = [float(value) for key, value in last.items() if key.startswith("lavfi.r128.true_peaks_ch")]
    if "lavfi.r128.I" not in last or not peaks:
        raise cannot_read(path, "It is too short to measure.", "Loudness needs at least half a second.")
    peak, integrated, spread = max(peaks), float(last["lavfi.r128.I"]), float(last["lavfi.r128.LRA"])
    if not np.isfinite([peak, integrated, spread]).all() or integrated <= GATE or peak <= 0:
        raise cannot_read(path, "It is too quiet to measure.")
    return Loudness(integrated, spread, 20 * float(np.log10(peak)))


def _drain(graph: av.filter.Graph) -> dict[str, str]:
    last: dict[str, str] = {}
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return last
        if frame.metadata:
            last = dict(frame.metadata)
