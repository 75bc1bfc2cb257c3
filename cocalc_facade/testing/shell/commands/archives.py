"""Archives."""

from __future__ import annotations

import io
import posixpath
import tarfile

from cocalc_facade.testing.shell.command import Streams
from cocalc_facade.testing.world.process import Process


def tar(process: Process, args: list[str], streams: Streams) -> int:
    """Unpack an archive (-xf) into the working directory, modes and links included."""
    options = next((arg for arg in args if arg.startswith("-") and not arg.startswith("--")), "")
    if "x" not in options or not options.endswith("f"):
        streams.complain(process, "tar: this stand-in only unpacks, with -xf")
        return 2
    files, name = process.files, args[args.index(options) + 1]
    content = files.read(files.resolve(name, process.cwd))
    if content is None:
        streams.complain(
            process, f"tar: {name}: Cannot open: {files.unreadable(files.resolve(name, process.cwd))}"
        )
        return 2
    code = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:*") as archive:
            for member in archive:
                code |= _unpacked(process, archive, member, streams)
    except tarfile.TarError:
        streams.complain(process, "tar: This does not look like a tar archive")
        return 2
    return code


def _unpacked(process: Process, archive: tarfile.TarFile, member: tarfile.TarInfo, streams: Streams) -> int:
    files, path = process.files, posixpath.join(process.cwd, member.name)
    if ".." in member.name.split("/"):
        streams.complain(process, f"tar: {member.name}: Member name contains '..'")
        return 2
    files.make_directory(posixpath.dirname(path), process.now())
    if member.isdir():
        files.make_directory(path, process.now())
        files.modes[path] = member.mode
    elif member.issym():
        files.links[path] = member.linkname
    elif member.isfile():
        opened = archive.extractfile(member)
        content = opened.read() if opened is not None else b""
        why = files.unwritable(path, len(content))
        if why is not None:
            streams.complain(process, f"tar: {member.name}: Cannot write: {why}")
            return 2
        files.write(path, content, member.mtime)
        files.files[path].mode = member.mode
    return 0
