"""What came of a command: its exit code and output, taken out of the server's answer, or the reason why it did not run."""

from __future__ import annotations

import json
import shlex
from typing import Any

import attrs

from cocalc_facade._errors import CommandError, UnexpectedResponse

from .shapes import an_object, integer, number, text


@attrs.frozen(repr=False)
class CompletedCommand:
    """A command that ended, in the manner of `subprocess.CompletedProcess`.

    `truncated` says that output beyond `max_output` was dropped; `seconds` and `job_id` are known for commands that ran as a job.
    """

    args: str | tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str
    truncated: bool = False
    seconds: float | None = None
    job_id: str | None = None

    def check_returncode(self) -> None:
        """Raise CommandError unless the command exited with 0."""
        if self.returncode:
            words = self.stderr.strip().splitlines() or self.stdout.strip().splitlines()
            detail = f": {words[-1][:200]}" if words else ""
            raise CommandError(
                f"{shown(self.args)!r} exited with {self.returncode}{detail}",
                path="exec",
                exit_code=self.returncode,
                stderr=self.stderr,
            )

    def __repr__(self) -> str:
        cut = ", truncated" if self.truncated else ""
        return (
            f"<CompletedCommand {shown(self.args)!r} returncode={self.returncode}, "
            f"{len(self.stdout)} characters out, {len(self.stderr)} err{cut}>"
        )


def shown(args: str | tuple[str, ...]) -> str:
    """Give a command as one would type it, at most 100 characters."""
    line = args if isinstance(args, str) else shlex.join(args)
    return line if len(line) <= 100 else line[:97] + "..."


def completed(answer: Any, args: str | tuple[str, ...], limit: int) -> CompletedCommand:
    """Give what an answer says of a command that ended; raises CommandError when it could not be started."""
    answer = an_object(answer, "exec")
    stdout, cut_out = untruncated(text(answer.get("stdout")) or "", limit)
    stderr, cut_err = untruncated(text(answer.get("stderr")) or "", limit)
    code = integer(answer.get("exit_code"))
    if code is None:
        raise UnexpectedResponse("the answer holds no exit code", path="exec", maybe_executed=True)
    if code and _not_started(stderr):
        raise CommandError(
            f"{shown(args)!r} could not be started: no such command, or no such directory to run it in",
            path="exec",
            stderr=stderr,
        )
    return CompletedCommand(
        args,
        code,
        stdout,
        stderr,
        cut_out or cut_err,
        number(answer.get("elapsed_s")),
        text(answer.get("job_id")),
    )


def clearer(error: CommandError, args: str | tuple[str, ...], seconds: float) -> CommandError:
    """Give the error that the server's long words for a killed or missing command mean."""
    if "killed command" in error.message:
        return CommandError(
            f"{shown(args)!r} was killed after its timeout of {seconds:g} s",
            path="exec",
            hint="give a longer timeout=",
        )
    if "ENOENT" in error.message and "spawn" in error.message:
        return CommandError(
            f"{shown(args)!r} could not be started: no such command, or no such directory to run it in",
            path="exec",
        )
    return error


def untruncated(output: str, limit: int) -> tuple[str, bool]:
    """Take off the words that the server puts after output it cut, and say whether it did.

    A command may print these words itself; they are the server's only behind output as long as the limit, which it counts in UTF-16 units.
    """
    mark = f" (truncated at {limit} characters)"
    if output.endswith(mark):
        kept = output.removesuffix(mark)
        if len(kept.encode("utf-16-le", "surrogatepass")) // 2 >= limit:
            return kept, True
    return output, False


def _not_started(stderr: str) -> bool:
    if not stderr.startswith("{"):
        return False
    try:
        found = json.loads(stderr)
    except ValueError:
        return False
    return (
        isinstance(found, dict)
        and found.get("code") == "ENOENT"
        and str(found.get("syscall")).startswith("spawn")
    )
