"""Composes the demo's songs: pads, bass, plucked strings and a soft kit over a chord progression, in stereo with a room.

Everything is made from a seed, so two runs give the same samples. Encoding is PyAV's (FFmpeg), art is drawn by Pillow.
"""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mycelix_studio.demo.catalogue import Album, Song

RATE = 44_100
COVER_PIXELS = 3_000
_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_MINOR = (0, 2, 3, 5, 7, 8, 10)
_ENCODERS = {
    # container -> (FFmpeg muxer, encoder, sample format, bits a second or 0, sample rate)
    "flac": ("flac", "flac", "s16", 0, RATE),
    "wav": ("wav", "pcm_s16le", "s16", 0, RATE),
    "aiff": ("aiff", "pcm_s16be", "s16", 0, RATE),
    "mp3": ("mp3", "libmp3lame", "fltp", 256_000, RATE),
    "m4a": ("ipod", "aac", "fltp", 256_000, RATE),
    "ogg": ("ogg", "vorbis", "fltp", 192_000, RATE),
    "opus": ("ogg", "libopus", "flt", 160_000, 48_000),
}

Samples = NDArray[np.float64]


def compose(song: Song) -> Samples:
    """Return the song as float samples in [-1, 1], shape (2, n) at 44.1 kHz, peaking at -1.5 dB."""
    rng = np.random.default_rng(zlib.crc32(song.title.encode()))
    total = song.seconds * RATE
    mix = np.zeros((2, total + 4 * RATE))
    beat = 60 / song.tempo
    scale = _MINOR if song.minor else _MAJOR
    bars = int(song.seconds / (4 * beat)) + 1
    pads: dict[int, Samples] = {}
    kick = _kick()
    for bar in range(bars):
        start = int(bar * 4 * beat * RATE)
        if start >= total:
            break
        degree = song.progression[bar % len(song.progression)]
        chord = [_note(song.root + 12, scale, degree + step) for step in (0, 2, 4, 6)]
        level = min(1.0, 0.35 + bar / max(bars, 1))
        if degree not in pads:
            pads[degree] = _pad(chord, 4 * beat + 0.8, rng)
        _add(mix, pads[degree], start, 0.20 * level, 0.0)
        for step in range(2):
            _add(
                mix,
                _bass(_note(song.root - 12, scale, degree), 2 * beat),
                start + int(step * 2 * beat * RATE),
                0.34,
                0.0,
            )
        for step in range(8):
            if bar == 0 or rng.random() < 0.25:
                continue
            pitch = chord[int(rng.integers(4))] + 12 * int(rng.integers(2))
            at = start + int(step * beat / 2 * RATE)
            _add(mix, _pluck(pitch, 1.6, rng), at, 0.16 * rng.uniform(0.6, 1.0), rng.uniform(-0.7, 0.7))
        if bar >= 2 and song.tempo > 74:
            for step in range(4):
                at = start + int(step * beat * RATE)
                _add(mix, kick if step % 2 == 0 else _brush(rng, 0.16), at, 0.42 if step % 2 == 0 else 0.10, 0.05)
                _add(mix, _brush(rng, 0.05), at + int(beat / 2 * RATE), 0.05, -0.3)
    mix = _room(mix, rng)[:, :total]
    fade = int(2.5 * RATE)
    mix[:, -fade:] *= np.linspace(1, 0, fade) ** 2
    mix[:, : RATE // 50] *= np.linspace(0, 1, RATE // 50)
    peak: Samples = mix / np.abs(mix).max() * 10 ** (-1.5 / 20)
    return peak


def write(song: Song, folder: Path) -> Path:
    """Compose and encode a song into ``folder`` without tags, named after its title; return the file."""
    muxer, encoder, sample_format, bits, rate = _ENCODERS[song.container]
    path = folder / f"{song.title}.{song.container}"
    samples = compose(song)
    with av.open(str(path), "w", format=muxer) as output:
        stream = output.add_stream(encoder, rate=rate, options={"strict": "experimental"})
        assert isinstance(stream, av.AudioStream)
        stream.codec_context.format = sample_format
        stream.codec_context.layout = "stereo"
        if bits:
            stream.codec_context.bit_rate = bits
        resampler = av.AudioResampler(format=sample_format, layout="stereo", rate=rate)
        block = 1_024
        for start in range(0, samples.shape[1], block):
            part = np.ascontiguousarray(samples[:, start : start + block].astype(np.float32))
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
            frame.sample_rate = RATE
            frame.pts = start
            for converted in resampler.resample(frame):
                output.mux(stream.encode(converted))
        for converted in resampler.resample(None):
            output.mux(stream.encode(converted))
        output.mux(stream.encode(None))
    return path


def cover(album: Album) -> bytes:
    """Return the album's cover as a square JPEG of 3,000 pixels."""
    ground, middle, figure = album.colours
    size = COVER_PIXELS
    image = Image.new("RGB", (size, size), ground)
    draw = ImageDraw.Draw(image)
    if album.motif == "sun":
        draw.pieslice((750, 850, 2_250, 2_350), 180, 360, fill=figure)
        for row in range(5):
            top = 1_640 + row * 240
            draw.rectangle((0, top, size, top + 60 + row * 14), fill=middle)
    elif album.motif == "dunes":
        for row, colour in enumerate((middle, figure, ground, middle)):
            points = [(x, 1_000 + row * 520 + 190 * np.sin(x / 420 + row * 1.7)) for x in range(0, size + 1, 30)]
            draw.polygon([*points, (size, size), (0, size)], fill=colour)
    elif album.motif == "blocks":
        for left, top, right, colour in ((600, 500, 1_400, middle), (1_600, 1_100, 2_400, figure)):
            draw.rectangle((left, top, right, 2_500), fill=colour)
    else:
        for index in range(9):
            half = 250 + 720 * abs(np.sin(index * 1.3))
            left = 480 + index * 230
            draw.rounded_rectangle(
                (left, 1_500 - half, left + 110, 1_500 + half), 55, fill=middle if index % 2 else figure
            )
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def _note(root: int, scale: tuple[int, ...], degree: int) -> int:
    octave, step = divmod(degree, len(scale))
    return root + 12 * octave + scale[step]


def _hertz(note: float) -> float:
    return float(440 * 2 ** ((note - 69) / 12))


def _time(seconds: float) -> Samples:
    return np.arange(int(seconds * RATE)) / RATE


def _add(mix: Samples, sound: Samples, start: int, gain: float, pan: float) -> None:
    end = min(start + len(sound), mix.shape[1])
    left, right = np.cos((pan + 1) * np.pi / 4), np.sin((pan + 1) * np.pi / 4)
    part = sound[: end - start] * gain
    mix[0, start:end] += part * left
    mix[1, start:end] += part * right


def _pad(notes: list[int], seconds: float, rng: np.random.Generator) -> Samples:
    time = _time(seconds)
    sound = np.zeros_like(time)
    for note in notes:
        for detune in (-0.06, 0.05):
            frequency = _hertz(note + detune)
            for harmonic, level in ((1, 1.0), (2, 0.35), (3, 0.16), (4, 0.06)):
                sound += level * np.sin(2 * np.pi * frequency * harmonic * time + rng.uniform(0, 6.28))
    envelope = np.minimum(time / 0.9, 1) * np.minimum((seconds - time) / 0.8, 1)
    swell = 1 + 0.12 * np.sin(2 * np.pi * 0.31 * time)
    result: Samples = sound * envelope * swell / (len(notes) * 2)
    return result


def _bass(note: int, seconds: float) -> Samples:
    time = _time(seconds)
    frequency = _hertz(note)
    sound = np.sin(2 * np.pi * frequency * time) + 0.3 * np.sin(4 * np.pi * frequency * time)
    result: Samples = sound * np.exp(-1.1 * time) * np.minimum(time / 0.012, 1) * np.minimum((seconds - time) / 0.05, 1)
    return result


def _pluck(note: int, seconds: float, rng: np.random.Generator) -> Samples:
    """Karplus-Strong: a burst of noise in a comb of the period's length, averaged at each turn."""
    period = max(2, round(RATE / _hertz(note)))
    line = rng.uniform(-1, 1, period)
    line = (line + np.roll(line, 1)) / 2
    turns = int(seconds * RATE / period) + 1
    out = np.empty((turns, period))
    for turn in range(turns):
        out[turn] = line
        line = 0.4975 * (line + np.roll(line, 1))
    sound = out.ravel()[: int(seconds * RATE)]
    result: Samples = sound * np.minimum((len(sound) - np.arange(len(sound))) / (0.05 * RATE), 1)
    return result


def _kick() -> Samples:
    time = _time(0.32)
    result: Samples = np.sin(2 * np.pi * (46 * time + 9 * (1 - np.exp(-32 * time)))) * np.exp(-9 * time)
    return result


def _brush(rng: np.random.Generator, seconds: float) -> Samples:
    time = _time(seconds)
    noise = np.diff(rng.uniform(-1, 1, len(time) + 1))
    result: Samples = noise * np.exp(-time * 5 / seconds)
    return result


def _room(mix: Samples, rng: np.random.Generator) -> Samples:
    """Add a small hall: convolution with two decaying noises, by FFT."""
    time = _time(1.6)
    wet = np.empty_like(mix)
    size = 1 << int(np.ceil(np.log2(mix.shape[1] + len(time))))
    for channel in range(2):
        impulse = rng.normal(0, 1, len(time)) * np.exp(-3.6 * time)
        impulse = np.convolve(impulse, np.ones(6) / 6, "same") / np.sqrt(len(time))
        spectrum = np.fft.rfft(mix[channel], size) * np.fft.rfft(impulse, size)
        wet[channel] = np.fft.irfft(spectrum, size)[: mix.shape[1]]
    return mix + 1.1 * wet
