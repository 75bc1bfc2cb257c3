"""What is run in a project to move files: lines of bash with GNU's coreutils, findutils and tar, which every project has.

Each does no harm when it runs twice, and says by its exit code where it stopped. Paths are those that `location` gives.
"""

from __future__ import annotations

import base64
import shlex

ROOM = ".cache/cocalc-facade"
"""Below home: what is on its way. A week later, whoever sends next sweeps it."""

END = "END_OF_FILE"
INLINE = 512 * 512
"""Bytes; what is smaller comes with the answer that tells of it."""
SUMMED = 512 * 1024 * 1024
"""Bytes; a larger file is summed by a job of its own, for it may take longer than one call."""

NO_FOLDER, NOT_WRITTEN, NOT_PLACED, IS_FOLDER, READ_ONLY, DIFFERS = 3, 4, 5, 7, 8, 9

PLACED = "placed"
"""What a script says last: an answer without it is none of the script, whatever it says of how that ended."""


def spelled(path: str) -> str:
    """Give a path as a word of bash that no command takes for an option."""
    return shlex.quote(path if path.startswith("/") else f"./{path}")


def look(path: str) -> str:
    """Tell kind, size, mode and time; of a file also its SHA-256, and the bytes when they are few."""
    word = spelled(path)
    return (
        f"find -L {word} -maxdepth 0 -printf '%y %s %m %T@\\n' || exit 1\n"
        f"test -f {word} || exit 0\n"
        f"find -L {word} -maxdepth 0 -size -{SUMMED // 512 + 1} -exec sha256sum {{}} ';'\n"
        f"echo =\nfind -L {word} -maxdepth 0 -size -{INLINE // 512 + 1} -exec base64 -w0 {{}} ';'\n"
    )


def checksum(path: str) -> str:
    """Tell the SHA-256 of a file."""
    return f"sha256sum < {spelled(path)}"


def read(path: str, start: int, length: int) -> str:
    """Give some bytes of a file in base64."""
    return f"tail -c +{start + 1} {spelled(path)} | head -c {length} | base64 -w0"


def cut(path: str, start: int, room: str) -> str:
    """Put what follows the first bytes of a file into a file of its own."""
    return f"mkdir -p {room} && tail -c +{start + 1} {spelled(path)} > {room}/rest"


def begin(path: str, room: str) -> str:
    """See that a file can be put there, and tell which pieces of it are in its room already."""
    folder, word = spelled(path.rpartition("/")[0] or "/" * path.startswith("/")), spelled(path)
    return (
        f"test -d {word} && exit {IS_FOLDER}\n"
        f"mkdir -p {folder} {room} || exit {NO_FOLDER}\ntest -w {folder} || exit {READ_ONLY}\n"
        f"find {ROOM} -mindepth 1 -maxdepth 1 -mmin +10080 -exec rm -rf {{}} ';'\n"
        f"find {room} -name 'p??????' -printf '%f %s\\n'\n"
    )


def piece(room: str, name: str, data: bytes) -> str:
    """Write a piece, whole or not at all."""
    return (
        f"{_given(data, f'{room}/new-{name}')}mv -f {room}/new-{name} {room}/{name} || exit {NOT_WRITTEN}\n"
    )


def probe(room: str, size: int) -> str:
    """See whether so many bytes fit."""
    name = f"{room}/new-probe"
    return (
        f"trap 'rm -f {name}' EXIT\nmkdir -p {room} || exit {NO_FOLDER}\n"
        f"head -c {size} /dev/zero > {name} || exit {NOT_WRITTEN}\n"
    )


def place(path: str, room: str, sha256: str, mode: int | None) -> str:
    """Put a file together from its pieces, and into its place if it is what it should be."""
    return _placed(path, f"cat ~/{room}/p?????? > {{}} || exit {NOT_WRITTEN}\n", sha256, mode)


def put(path: str, data: bytes, sha256: str, mode: int | None) -> str:
    """Put a small file into its place."""
    return _placed(path, _given(data, "{}"), sha256, mode)


def _placed(path: str, fill: str, sha256: str, mode: int | None) -> str:
    folder, _, name = path.rpartition("/")
    word, new = spelled(name), f".cocalc-{sha256[:20]}"
    folder = spelled(folder or "/" * path.startswith("/"))
    # Without a mode of its own it takes that of the file whose place it takes.
    chmod = (
        f"test -e {word} && chmod --reference={word} {new}\n"
        if mode is None
        else f"chmod {mode:o} {new} || exit {NOT_PLACED}\n"
    )
    return (
        f"mkdir -p {folder} && cd {folder} || exit {NO_FOLDER}\n"
        f"trap 'rm -f {new}' EXIT\n{fill.replace('{}', new)}"
        f"echo '{sha256}  {new}' | sha256sum -c --status || exit {DIFFERS}\n"
        f"{chmod}mv -fT {new} {word} || exit {NOT_PLACED}\necho {PLACED}\n"
    )


def _given(data: bytes, name: str) -> str:
    coded = base64.b64encode(data).decode()
    return f"base64 -d > {name} <<'{END}' || exit {NOT_WRITTEN}\n{coded}\n{END}\n"


def remove(room: str) -> str:
    """Clear a room."""
    return f"rm -rf {room}"


def listing(path: str, room: str) -> str:
    """Write what is below a folder into the room, links as they are, and tell of that file as `look` does."""
    name = f"{room}/list"
    return (
        f"mkdir -p {room} && cd {spelled(path)} || exit {NO_FOLDER}\n"
        f"find . -mindepth 1 -printf '%y %m %s %P\\0%l\\0' > ~/{name}\ncd\n{look(name)}"
    )


def sums(path: str, names: list[str], room: str) -> str:
    """Tell the SHA-256 of files below a folder, and leave nothing behind."""
    return (
        f"trap 'rm -rf ~/{room}' EXIT\n{_names(names, room)}cd {spelled(path)} || exit 0\n"
        f"xargs -0 sha256sum -z -- < ~/{room}/names\n"
    )


def batch(path: str, names: list[str], room: str, *, inline: bool) -> str:
    """Tell the SHA-256 of files below a folder, and give their bytes one after the other: in base64, or as a file in the room."""
    give = "| base64 -w0" if inline else f"> ~/{room}/all"
    return (
        f"{_names(names, room)}cd {spelled(path)} || exit {NO_FOLDER}\n"
        f"xargs -0 sha256sum -z -- < ~/{room}/names\necho\necho =\nxargs -0 cat -- < ~/{room}/names {give}\n"
    )


def _names(names: list[str], room: str) -> str:
    data = b"".join(f"./{name}\0".encode() for name in names)
    return f"mkdir -p {room} || exit {NO_FOLDER}\n{_given(data, f'{room}/names')}"


def unpack(path: str, room: str, sha256: str) -> str:
    """Unpack an archive from its pieces beside where its files belong, and move each into its place; tell those that are left, and `PLACED`."""
    new = f".cocalc-{sha256[:20]}"
    files = 'find "$f" -maxdepth 1 ! -type d -printf "%p\\0" | xargs -0 -r mv -f -t "$T/$f"'
    folder = 'if test -d "$T/$f"; then true; else mkdir -p "$T/$f"; chmod --reference="$f" "$T/$f"; fi'
    return (
        f"cat {room}/p?????? > {room}/tar || exit {NOT_WRITTEN}\n"
        f"echo '{sha256}  {room}/tar' | sha256sum -c --status || exit {DIFFERS}\n"
        f"mkdir -p {spelled(path)} && cd {spelled(path)} || exit {NO_FOLDER}\n"
        f"rm -rf {new}\nmkdir {new} && cd {new} || exit {NO_FOLDER}\ntrap 'rm -rf ../{new}' EXIT\n"
        f"export T=..\ntar -xpf ~/{room}/tar --no-same-owner || exit {NOT_WRITTEN}\n"
        f"find . -mindepth 1 -type d -exec bash -c 'for f in \"$@\"; do {folder}; done' _ {{}} +\n"
        f"find . -type d -exec bash -c 'for f in \"$@\"; do {files}; done' _ {{}} +\n"
        f"find . ! -type d -printf '%P\\0'\necho {PLACED}\n"
    )
