"""Looks into an uploaded file, in a child process under limits of time and memory: is it audio, in what container, how long.

Run as ``python -m mycelix_studio.node.probe [FILE]`` it prints the answer as JSON; without a file it reads its path from standard input.
The name of the file is never trusted: PyAV must find an audio stream and decode some of it. Nothing in a file may stop the node, so parsing
happens in a process that may be killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from mycelix_studio.errors import Known
from mycelix_studio.paths import module_command

SECONDS: Final = 20
"""Longest a look may take."""
MEMORY_BYTES: Final = 768 * 2**20
"""Address space of the child."""
_CONTAINERS: Final = frozenset(
    {
        "mp3",
        "flac",
        "ogg",
        "mov",
        "mp4",
        "m4a",
        "wav",
        "aiff",
        "ape",
        "mpc",
        "mpc8",
        "asf",
        "dsf",
        "wv",
        "matroska",
        "caf",
        "w64",
    }
)
_FRAMES: Final = 8
_FIRST_LOOK_BYTES: Final = 128 * 1024
"""What FFmpeg may read to find out what a file is, before it may read as much as it likes. By itself it tries a megabyte of a WAV for every
codec there is, which takes four times as long and finds nothing else."""
_NOT_AUDIO: Final = 3


class NotAudio(Known):
    """The file is no audio the platform can play."""

    def __init__(self, why: str) -> None:
        super().__init__("The file is not audio", why, "Upload an audio file: FLAC, WAV, AIFF, MP3, M4A, Ogg or Opus.")


@dataclass(frozen=True, slots=True)
class Probe:
    """What a file is: container and codec as FFmpeg names them, length in milliseconds, sample rate in Hz, channels."""

    container: str
    codec: str
    duration_ms: int
    sample_rate: int
    channels: int


class Prober:
    """A child that looks into one file. It reads its libraries at once and then waits to be told which file."""

    def __init__(self) -> None:
        self._starting = asyncio.ensure_future(
            asyncio.create_subprocess_exec(
                *module_command("mycelix_studio.node.probe"),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            )
        )  # fmt: skip

    @property
    def ended(self) -> bool:
        """Whether it could not be started, or somebody ended it while it waited."""
        if not self._starting.done():
            return False
        return self._starting.exception() is not None or self._starting.result().returncode is not None

    async def look(self, path: Path) -> Probe:
        """Look into a file; once.

        Raises:
            NotAudio: It is not audio, is broken, or took too long to look into.
        """
        process = await self._starting
        try:
            output, _errors = await asyncio.wait_for(process.communicate(os.fsencode(path)), SECONDS)
        except TimeoutError as error:
            await self.close()
            raise NotAudio("It took too long to look into.") from error
        try:
            answer = json.loads(output)
        except ValueError as error:
            raise NotAudio("It is broken in a way that stopped the reader.") from error
        if process.returncode == _NOT_AUDIO or "why" in answer:
            raise NotAudio(str(answer["why"]))
        return Probe(**answer)

    async def close(self) -> None:
        """End the child if it still runs."""
        process = await self._starting
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


class Probers:
    """Looks into files, each in a child of its own. Once files come, one more child waits, so that none waits for a child to start."""

    def __init__(self) -> None:
        self._spare: Prober | None = None
        self._closed = False

    def expect(self) -> None:
        """Have a child ready: a file will come."""
        if (self._spare is None or self._spare.ended) and not self._closed:
            self._spare = Prober()

    async def look(self, path: Path) -> Probe:
        """Look into a file.

        Raises:
            NotAudio: It is not audio, is broken, or took too long to look into.
        """
        self.expect()
        prober, self._spare = self._spare or Prober(), None
        try:
            return await prober.look(path)
        finally:
            await prober.close()
            self.expect()

    async def close(self) -> None:
        """End the child that waits."""
        self._closed = True
        if self._spare is not None and not self._spare.ended:
            await self._spare.close()


def look(path: Path) -> Probe:
    """Look into a file in this process; only for the child.

    Raises:
        NotAudio: It is not audio.
    """
    try:
        return _look(path, {"probesize": str(_FIRST_LOOK_BYTES)})
    except NotAudio:
        return _look(path, {})


def _look(path: Path, options: dict[str, str]) -> Probe:
    import av
    from av.error import FFmpegError

    try:
        with av.open(str(path), metadata_errors="replace", options=options) as container:
            names = set(container.format.name.split(","))
            if not names & _CONTAINERS:
                raise NotAudio(f"Its container ({container.format.name}) is not one for audio.")
            if not container.streams.audio:
                raise NotAudio("It holds no audio.")
            stream = container.streams.audio[0]
            frames = 0
            for frame in container.decode(stream):
                frames += frame.samples > 0
                if frames >= _FRAMES:
                    break
            if not frames:
                raise NotAudio("None of its audio can be decoded.")
            length = container.duration or 0
            if not length and stream.duration and stream.time_base:
                length = int(stream.duration * stream.time_base * 1_000_000)
            codec = stream.codec_context
            name = sorted(names & _CONTAINERS)[0]
            return Probe(name, codec.name, max(0, length // 1000), codec.sample_rate, codec.channels)
    except (FFmpegError, OSError, ValueError) as error:
        raise NotAudio(f"It cannot be read ({getattr(error, 'strerror', None) or type(error).__name__}).") from error


def _limit() -> None:
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def main() -> int:
    """Print what the named file is."""
    _limit()
    import av  # noqa: F401 - while the path is still to come

    name = sys.argv[1] if len(sys.argv) > 1 else os.fsdecode(sys.stdin.buffer.read())
    if not name:
        return 0  # the node ended and had no file for it
    path = Path(name)
    try:
        answer: dict[str, object] = asdict(look(path))
        code = 0
    except NotAudio as error:
        answer, code = {"why": error.message}, _NOT_AUDIO
    except MemoryError:
        answer, code = {"why": "It needs more memory than a song may."}, _NOT_AUDIO
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    return code


if __name__ == "__main__":
    # All is said then: taking the libraries down in order takes as long as the look itself.
    os._exit(main())
