"""The files of one project, in memory."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class File:
    """The content of a file, when it was written, and its permissions."""

    content: bytes
    mtime: float
    mode: int = 0o644


@dataclass(slots=True)
class Files:
    """A tree of files and directories with absolute paths; relative ones start in the home directory.

    `links` are symbolic links with their targets, `others` what is neither, by the letter that find has for it: `p`, `s`, `b`, `c`. `modes` are the
    permissions of directories that have not the usual ones. `quota` is how many bytes all files may have together.
    """

    home: str
    files: dict[str, File] = field(default_factory=dict)
    directories: dict[str, float] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    modes: dict[str, int] = field(default_factory=dict)
    quota: int | None = None

    def __post_init__(self) -> None:
        for path in ("/", "/tmp", posixpath.dirname(self.home), self.home):  # noqa: S108 - a path in the stand-in
            self.directories.setdefault(path, 0.0)

    @property
    def _trees(self) -> tuple[dict[str, Any], ...]:
        return self.files, self.directories, self.links, self.others, self.modes

    def resolve(self, path: str, cwd: str | None = None) -> str:
        """The absolute form of a path; `~` is the home directory."""
        if path == "~" or path.startswith("~/"):
            path = self.home + path[1:]
        whole = posixpath.normpath(posixpath.join(cwd or self.home, path))
        return "/" + whole.lstrip("/")

    def follow(self, path: str) -> str:
        """Where a path leads when its links are followed."""
        for _ in range(40 if self.links else 0):
            parts = path.split("/")
            above = ("/".join(parts[:end]) for end in range(2, len(parts) + 1))
            link = next((name for name in above if name in self.links), None)
            if link is None:
                break
            target = posixpath.join(posixpath.dirname(link), self.links[link])
            path = posixpath.normpath(target + path[len(link) :])
        return path

    def kind(self, path: str) -> str | None:
        """What lies there, links not followed, by find's letter; None for nothing."""
        if path in self.links:
            return "l"
        return "f" if path in self.files else "d" if path in self.directories else self.others.get(path)

    def is_directory(self, path: str) -> bool:
        """Whether a directory is there."""
        return self.follow(path) in self.directories

    def read(self, path: str) -> bytes | None:
        """The content of a file that may be read, or None."""
        file = self.files.get(self.follow(path))
        return None if file is None or not file.mode & 0o400 else file.content

    def unreadable(self, path: str) -> str:
        """Why a file cannot be read."""
        real = self.follow(path)
        if real in self.directories:
            return "Is a directory"
        return "Permission denied" if real in self.files else self.absent(real)

    def absent(self, path: str) -> str:
        """Why nothing can be there: one of the names above it is a file, or is missing."""
        above = posixpath.dirname(path)
        while above not in self.directories and above != "/":
            if self.follow(above) in self.files:
                return "Not a directory"
            above = posixpath.dirname(above)
        return "No such file or directory"

    def unwritable(self, path: str, size: int = 0) -> str | None:
        """Why a file of so many bytes cannot be written; None when it can."""
        real = self.follow(path)
        if real in self.directories:
            return "Is a directory"
        above = posixpath.dirname(real)
        if above not in self.directories:
            return self.absent(real)
        there = self.files.get(real)
        if not (self.modes.get(above, 0o755) if there is None else there.mode) & 0o200:
            return "Permission denied"
        if len(posixpath.basename(real).encode("utf-8", "surrogateescape")) > 255:
            return "File name too long"
        if self.quota is not None:
            others = sum(len(file.content) for name, file in self.files.items() if name != real)
            if size and others + size > self.quota:
                return "No space left on device"
        return None

    def move(self, path: str, target: str) -> None:
        """Give what lies at a path another name; what was there is gone."""
        self.remove(target)
        for tree in self._trees:
            for name in [name for name in tree if name == path or name.startswith(path + "/")]:
                tree[target + name[len(path) :]] = tree.pop(name)

    def write(self, path: str, content: bytes, now: float, *, append: bool = False) -> bool:
        """Write a file whose directory exists; says whether that could be done."""
        path = self.follow(path)
        there = self.files.get(path)
        before = there.content if append and there is not None else b""
        if self.unwritable(path, len(before) + len(content)) is not None:
            return False
        self.others.pop(path, None)
        self.files[path] = File(before + content, now, 0o644 if there is None else there.mode)
        return True

    def make_directory(self, path: str, now: float) -> None:
        """Make a directory and those above it."""
        while path not in self.directories:
            self.directories[path] = now
            path = posixpath.dirname(path)

    def remove(self, path: str) -> bool:
        """Remove a file or a directory with all that is in it; says whether there was one."""
        inside = path.rstrip("/") + "/"
        found = False
        for tree in self._trees:
            for name in [name for name in tree if name == path or name.startswith(inside)]:
                del tree[name]
                found = True
        return found

    def below(self, path: str) -> list[str]:
        """The absolute paths of all that lies in a directory, however deep."""
        inside = path.rstrip("/") + "/"
        trees = (self.files, self.directories, self.links, self.others)
        return [name for tree in trees for name in tree if name.startswith(inside)]

    def remove_others(self, path: str, kept: set[str]) -> None:
        """Remove what lies in a directory and is not among some paths from there, as `rsync --delete` does."""
        for name in self.below(path):
            if name[len(path) :] not in kept:
                self.remove(name)

    def names(self, path: str) -> list[str]:
        """The sorted names in a directory."""
        inside = "/" if path == "/" else path + "/"
        trees = (self.files, self.directories, self.links, self.others)
        below = (name[len(inside) :] for tree in trees for name in tree if name.startswith(inside))
        return sorted({name for name in below if name and "/" not in name})

    def listing(self, path: str) -> list[dict[str, object]]:
        """The entries of a directory as CoCalc's listings table holds them."""
        rows: list[dict[str, object]] = []
        for name in self.names(path):
            whole = posixpath.join(path, name)
            if self.is_directory(whole):
                made = self.directories[self.follow(whole)]
                rows.append({"name": name, "isdir": True, "mtime": made, "size": 4096})
            elif (file := self.files.get(self.follow(whole))) is not None:
                rows.append({"name": name, "mtime": file.mtime, "size": len(file.content)})
        return rows

    def copy(
        self,
        path: str,
        other: Files,
        target: str,
        now: float,
        *,
        newer_stay: bool = False,
        backup: bool = False,
    ) -> bool:
        """Copy a file or a whole directory into another tree, times of files included; says whether there was anything to copy.

        Args:
            path: what to copy.
            other: where to.
            target: the path there.
            now: the time of directories that are made.
            newer_stay: whether a file stays as it is that is newer in the target, as with `rsync --update`.
            backup: whether what is replaced by something else is kept with a `~` after its name.
        """
        if path in self.files:
            other.make_directory(posixpath.dirname(target), now)
            there, here = other.files.get(target), self.files[path]
            kept = newer_stay and there is not None and there.mtime > here.mtime
            if kept:
                return True
            if backup and there is not None and (there.content, there.mtime) != (here.content, here.mtime):
                other.files[f"{target}~"] = there
                del other.files[target]
            written = other.write(target, here.content, here.mtime)
            if written:
                other.files[other.follow(target)].mode = here.mode
            return written
        if not self.is_directory(path):
            return False
        other.make_directory(target, now)
        inside = path.rstrip("/") + "/"
        for name in [name for name in self.directories if name.startswith(inside)]:
            other.make_directory(posixpath.join(target, name[len(inside) :]), now)
        for name in [name for name in self.files if name.startswith(inside)]:
            goal = posixpath.join(target, name[len(inside) :])
            self.copy(name, other, goal, now, newer_stay=newer_stay, backup=backup)
        return True
