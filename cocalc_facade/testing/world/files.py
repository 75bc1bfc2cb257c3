"""The files of one project, in memory."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field


@dataclass(slots=True)
class File:
    """The content of a file and when it was written."""

    content: bytes
    mtime: float


@dataclass(slots=True)
class Files:
    """A tree of files and directories with absolute paths; relative ones start in the home directory."""

    home: str
    files: dict[str, File] = field(default_factory=dict)
    directories: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in ("/", "/tmp", posixpath.dirname(self.home), self.home):  # noqa: S108 - a path in the stand-in
            self.directories.setdefault(path, 0.0)

    def resolve(self, path: str, cwd: str | None = None) -> str:
        """The absolute form of a path; `~` is the home directory."""
        if path == "~" or path.startswith("~/"):
            path = self.home + path[1:]
        whole = posixpath.normpath(posixpath.join(cwd or self.home, path))
        return "/" + whole.lstrip("/")

    def is_directory(self, path: str) -> bool:
        """Whether a directory is there."""
        return path in self.directories

    def read(self, path: str) -> bytes | None:
        """The content of a file, or None."""
        file = self.files.get(path)
        return None if file is None else file.content

    def write(self, path: str, content: bytes, now: float, *, append: bool = False) -> bool:
        """Write a file whose directory exists; says whether that could be done."""
        if self.is_directory(path) or not self.is_directory(posixpath.dirname(path)):
            return False
        before = self.files[path].content if append and path in self.files else b""
        self.files[path] = File(before + content, now)
        return True

    def make_directory(self, path: str, now: float) -> None:
        """Make a directory and those above it."""
        while path not in self.directories:
            self.directories[path] = now
            path = posixpath.dirname(path)

    def remove(self, path: str) -> bool:
        """Remove a file or a directory with all that is in it; says whether there was one."""
        inside = path.rstrip("/") + "/"
        gone = [name for name in [*self.files, *self.directories] if name == path or name.startswith(inside)]
        for name in gone:
            self.files.pop(name, None)
            self.directories.pop(name, None)
        return bool(gone)

    def names(self, path: str) -> list[str]:
        """The sorted names in a directory."""
        inside = "/" if path == "/" else path + "/"
        below = (name[len(inside) :] for name in [*self.files, *self.directories] if name.startswith(inside))
        return sorted({name for name in below if name and "/" not in name})

    def listing(self, path: str) -> list[dict[str, object]]:
        """The entries of a directory as CoCalc's listings table holds them."""
        rows: list[dict[str, object]] = []
        for name in self.names(path):
            whole = posixpath.join(path, name)
            if self.is_directory(whole):
                rows.append({"name": name, "isdir": True, "mtime": self.directories[whole], "size": 4096})
            else:
                file = self.files[whole]
                rows.append({"name": name, "mtime": file.mtime, "size": len(file.content)})
        return rows

    def copy(self, path: str, other: Files, target: str, now: float, *, newer_stay: bool = False) -> bool:
        """Copy a file or a whole directory into another tree, times of files included; says whether there was anything to copy.

        Args:
            path: what to copy.
            other: where to.
            target: the path there.
            now: the time of directories that are made.
            newer_stay: whether a file stays as it is that is newer in the target, as with `rsync --update`.
        """
        if path in self.files:
            other.make_directory(posixpath.dirname(target), now)
            there, here = other.files.get(target), self.files[path]
            kept = newer_stay and there is not None and there.mtime > here.mtime
            return kept or other.write(target, here.content, here.mtime)
        if not self.is_directory(path):
            return False
        other.make_directory(target, now)
        inside = path.rstrip("/") + "/"
        for name in [name for name in self.directories if name.startswith(inside)]:
            other.make_directory(posixpath.join(target, name[len(inside) :]), now)
        for name in [name for name in self.files if name.startswith(inside)]:
            self.copy(name, other, posixpath.join(target, name[len(inside) :]), now, newer_stay=newer_stay)
        return True
