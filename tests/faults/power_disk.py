"""A disk in memory, mounted by FUSE, whose power can be cut: what was not flushed is gone, or half there, as the chance has it.

Data of a file is safe after ``fsync`` of the file, a name (new, renamed, removed) after ``fsync`` of its folder. At a cut each file keeps
what was flushed, or what came later, or a part of it; and the folder as many of its last changes as the chance has it, in order. Journaling
file systems promise that and no more. Driven by lines on standard input, answered on standard output:

``put NAME HEX`` makes a safe file; ``clear`` forgets all; ``cut N SEED`` cuts the power at the N-th change from now (0: never) and answers;
``boot`` switches on again and answers how many changes there were.
"""

from __future__ import annotations

import errno
import random
import stat
import sys
import threading
from dataclasses import dataclass, field

import mfusepy


@dataclass(eq=False)
class Node:
    """A file: what programs see, and what is safe."""

    data: bytearray = field(default_factory=bytearray)
    safe: bytes = b""
    mode: int = 0o644
    links: int = 1
    mtime: int = 10**18


class Disk(mfusepy.Operations):
    """One folder of files."""

    use_ns = True

    def __init__(self) -> None:
        self.guard = threading.RLock()
        self.names: dict[str, Node] = {}
        self.safe_names: dict[str, Node] = {}
        self.later: list[tuple[str, str, Node | None]] = []
        self.changes = 0
        self.cut_at = 0
        self.off = False
        self.chance = random.Random(0)

    # the power --------------------------------------------------------------------------------------------------------------------

    def put(self, name: str, data: bytes) -> None:
        node = Node(bytearray(data), data)
        self.names[name] = self.safe_names[name] = node

    def clear(self) -> None:
        self.names, self.safe_names, self.later, self.off = {}, {}, [], False

    def boot(self) -> int:
        """Come up with what was safe, and perhaps some of what was not."""
        if self.off:
            for what, name, node in self.later[: self.chance.randint(0, len(self.later))]:
                if what == "set" and node is not None:
                    self.safe_names[name] = node
                else:
                    self.safe_names.pop(name, None)
            for node in dict.fromkeys([*self.names.values(), *self.safe_names.values()]):
                whole = bytes(node.data)
                if whole != node.safe:
                    node.safe = self.chance.choice(
                        (node.safe, whole, whole[: self.chance.randint(0, len(whole))], bytes(len(whole)), b"")
                    )
            self.names = dict(self.safe_names)
            for node in self.names.values():
                node.data = bytearray(node.safe)
            self.later, self.off = [], False
        done, self.changes, self.cut_at = self.changes, 0, 0
        return done

    def change(self) -> None:
        if self.off:
            raise mfusepy.FuseOSError(errno.EIO)
        self.changes += 1
        if self.changes == self.cut_at:
            self.off = True
            raise mfusepy.FuseOSError(errno.EIO)

    def find(self, path: str) -> Node:
        if self.off:
            raise mfusepy.FuseOSError(errno.EIO)
        node = self.names.get(path[1:])
        if node is None:
            raise mfusepy.FuseOSError(errno.ENOENT)
        return node

    # the file system --------------------------------------------------------------------------------------------------------------

    def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
        with self.guard:
            if path == "/":
                return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2}
            node = self.find(path)
            return {"st_mode": stat.S_IFREG | node.mode, "st_nlink": node.links, "st_size": len(node.data),
                    "st_mtime": node.mtime, "st_ctime": node.mtime, "st_atime": node.mtime}  # fmt: skip

    def readdir(self, path: str, fh: int) -> list[str]:
        with self.guard:
            return [".", "..", *self.names]

    def create(self, path: str, mode: int, fi: object = None) -> int:
        with self.guard:
            self.change()
            node = Node(mode=mode & 0o7777)
            self.names[path[1:]] = node
            self.later.append(("set", path[1:], node))
            return 0

    def open(self, path: str, flags: int) -> int:
        with self.guard:
            self.find(path)
            return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        with self.guard:
            return bytes(self.find(path).data[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        with self.guard:
            self.change()
            node = self.find(path)
            node.data[offset : offset + len(data)] = data
            node.mtime += 1_000_000
            return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        with self.guard:
            self.change()
            node = self.find(path)
            node.data = node.data[:length].ljust(length, b"\0")
            return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        with self.guard:
            self.change()
            node = self.find(path)
            node.safe = bytes(node.data)
            return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        with self.guard:
            self.change()
            self.safe_names, self.later = dict(self.names), []
            return 0

    def rename(self, old: str, new: str) -> int:
        with self.guard:
            self.change()
            node = self.find(old)
            del self.names[old[1:]]
            self.names[new[1:]] = node
            # One step: no file system lets the old name go before the new one is there.
            self.later += [("set", new[1:], node), ("del", old[1:], None)]
            return 0

    def unlink(self, path: str) -> int:
        with self.guard:
            self.change()
            self.find(path).links -= 1
            del self.names[path[1:]]
            self.later.append(("del", path[1:], None))
            return 0

    def link(self, target: str, source: str) -> int:
        with self.guard:
            self.change()
            node = self.find(source)
            node.links += 1
            self.names[target[1:]] = node
            self.later.append(("set", target[1:], node))
            return 0

    def chmod(self, path: str, mode: int) -> int:
        with self.guard:
            self.find(path).mode = mode & 0o7777
            return 0

    def chown(self, path: str, uid: int, gid: int) -> int:
        return 0

    def utimens(self, path: str, times: tuple[int, int] | None = None) -> int:
        with self.guard:
            self.find(path).mtime = times[1] if times else 2 * 10**18
            return 0


def main(folder: str) -> None:
    disk = Disk()

    def listen() -> None:
        for line in sys.stdin:
            word, *rest = line.split()
            with disk.guard:
                if word == "put":
                    disk.put(rest[0], bytes.fromhex(rest[1]) if len(rest) > 1 else b"")
                elif word == "clear":
                    disk.clear()
                elif word == "cut":
                    disk.changes, disk.cut_at, disk.chance = 0, int(rest[0]), random.Random(int(rest[1]))
                answer = disk.boot() if word == "boot" else 0
            print(answer, flush=True)

    threading.Thread(target=listen, daemon=True).start()
    mfusepy.FUSE(
        disk,
        folder,
        foreground=True,
        nothreads=True,
        direct_io=True,
        attr_timeout=0,
        entry_timeout=0,
        negative_timeout=0,
    )


if __name__ == "__main__":
    main(sys.argv[1])
