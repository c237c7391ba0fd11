"""Delete old task logs from a volume: by age, and the oldest ones when all together are too large.

Runs in the CronJob clean-logs; the standard library only. The logs of a DAG run go together, once nobody has written to
any of them for the time, so that a task that waits in silence keeps its log while others of its run go on. Files
outside of the folders of DAG runs go one by one. Links are never followed, and files may vanish meanwhile.
"""

# ruff: noqa: T201 - what it prints is the log of its pod

import argparse
import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

DAY = 24 * 3600
YOUNG_SECONDS = DAY
"""What was written to in this time stays, however large the logs are: the task may still run."""
EMPTY_SECONDS = 3600
"""A younger empty folder stays: a task that has just made it is about to write its log into it."""
_FOLDERS_OF_A_RUN = ("dag_id=", "run_id=")
_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


@dataclass
class Logs:
    """The logs of one DAG run, or one other file.

    Attributes:
        newest: When the last of them was written to, in seconds since 1970.
        size: Bytes that they take.
        files: Their number.
    """

    newest: float = 0.0
    size: int = 0
    files: int = 0


@dataclass
class Report:
    """What was deleted, and what could not be."""

    runs: int = 0
    files: int = 0
    size: int = 0
    folders: int = 0
    failures: list[str] = field(default_factory=list)

    def failed(self, error: OSError) -> None:
        """Note an error, unless something was merely gone already."""
        if isinstance(error, FileNotFoundError) or PurePosixPath(str(error.filename)).name == "lost+found":
            return
        self.failures.append(str(error))


def share_of_a_file(root: Path) -> int:
    """Return the bytes that a file takes at least: a file system with a fixed number of inodes can run out of them."""
    facts = os.statvfs(root)
    return facts.f_blocks * facts.f_frsize // facts.f_files if facts.f_files else 0


def find(root: Path, report: Report) -> dict[str, Logs]:
    """Return what is in a folder, by the path of each DAG run, or of each other file."""
    least, found = share_of_a_file(root), {}
    for path, dirs, files, fd in os.fwalk(root, follow_symlinks=False, onerror=report.failed):
        inside = PurePosixPath(path).relative_to(root).parts
        run = "/".join(inside[:2]) if is_run(inside) else ""
        for name in (*files, *dirs):
            try:
                facts = os.stat(name, dir_fd=fd, follow_symlinks=False)
            except OSError as error:
                report.failed(error)
                continue
            folder = stat.S_ISDIR(facts.st_mode)
            if folder and not run:
                continue
            logs = found.setdefault(run or "/".join((*inside, name)), Logs())
            logs.size += max(facts.st_blocks * 512, least)
            if not folder:
                logs.newest = max(logs.newest, facts.st_mtime)
                logs.files += 1
    return {key: logs for key, logs in found.items() if logs.files}


def is_run(parts: tuple[str, ...]) -> bool:
    """Tell whether a path is in the folder of a DAG run, as Airflow's own `log_filename_template` has it."""
    return len(parts) >= len(_FOLDERS_OF_A_RUN) and all(map(str.startswith, parts, _FOLDERS_OF_A_RUN))


@contextmanager
def opened(root: Path, inside: str) -> Iterator[int]:
    """Open a folder step by step, so that no link leads elsewhere; yield its descriptor."""
    fd = os.open(root, _OPEN)
    try:
        for name in PurePosixPath(inside).parts:
            deeper = os.open(name, _OPEN, dir_fd=fd)
            os.close(fd)
            fd = deeper
        yield fd
    finally:
        os.close(fd)


def delete(root: Path, key: str, logs: Logs, report: Report) -> None:
    """Delete the logs of a DAG run, or one other file; what was written to since it was found stays."""
    parent, _, name = key.rpartition("/")
    before = report.files
    try:
        with opened(root, parent) as fd:
            if is_run(PurePosixPath(key).parts):
                _delete_run(fd, name, logs, report)
                report.runs += report.files > before
            else:
                _delete_file(fd, name, logs, report)
    except OSError as error:
        report.failed(error)


def _delete_run(parent: int, name: str, logs: Logs, report: Report) -> None:
    for _, dirs, files, fd in os.fwalk(
        name, topdown=False, follow_symlinks=False, dir_fd=parent, onerror=report.failed
    ):
        for entry in (*files, *dirs):
            _delete_file(fd, entry, logs, report)
    _remove_folder(parent, name, report)


def _delete_file(fd: int, name: str, logs: Logs, report: Report) -> None:
    """Delete a file, or a folder that is empty by now."""
    try:
        facts = os.stat(name, dir_fd=fd, follow_symlinks=False)
        if stat.S_ISDIR(facts.st_mode):
            _remove_folder(fd, name, report)
        elif facts.st_mtime <= logs.newest:
            os.unlink(name, dir_fd=fd)
            report.files += 1
            report.size += facts.st_size
    except OSError as error:
        report.failed(error)


def _remove_folder(fd: int, name: str, report: Report) -> None:
    try:
        os.rmdir(name, dir_fd=fd)
        report.folders += 1
    except OSError:  # not empty: a task of the run has started again
        return


def remove_empty_folders(root: Path, now: float, report: Report) -> None:
    """Remove folders that are empty for a while; those above them follow in later runs."""
    empty = set()
    for path, dirs, files, fd in os.fwalk(root, topdown=False, follow_symlinks=False, onerror=report.failed):
        if not dirs and not files:
            empty.add(path)
        for name in dirs:
            if os.path.join(path, name) not in empty:  # noqa: PTH118 - as fwalk gives it
                continue
            try:
                facts = os.stat(name, dir_fd=fd, follow_symlinks=False)
            except OSError as error:
                report.failed(error)
                continue
            if now - facts.st_mtime >= EMPTY_SECONDS:
                _remove_folder(fd, name, report)


def clean(root: Path, days: int | None, most: int | None, now: float, report: Report) -> str:
    """Delete by age, then by size.

    Args:
        root: The folder of the logs.
        days: Age from which logs go; None for no limit.
        most: Bytes that they may take; None for no limit.
        now: The time, in seconds since 1970.
        report: Gets what was deleted.

    Returns:
        Why the logs are still too large; "" if they are not.
    """
    found = find(root, report)
    total = sum(logs.size for logs in found.values())
    print(f"found {sum(logs.files for logs in found.values())} files, {amount(total)}", flush=True)
    for key, logs in sorted(found.items(), key=lambda item: item[1].newest):
        too_old = days is not None and now - logs.newest >= days * DAY
        too_much = most is not None and total > most and now - logs.newest >= YOUNG_SECONDS
        if not (too_old or too_much):
            break  # all that follow are younger
        delete(root, key, logs, report)
        total -= logs.size
    remove_empty_folders(root, now, report)
    if most is not None and total > most:
        return (
            f"the logs of the last {YOUNG_SECONDS // 3600} hours take {amount(total)}, more than {amount(most)}; they"
            " are not deleted, as their tasks may still run. Enlarge the claim (logs.persistence.size)."
        )
    return ""


def amount(size: float) -> str:
    """Return a number of bytes for people."""
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:  # noqa: PLR2004 - the step between the units
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"


def main(argv: list[str] | None = None) -> int:
    """Clean once; return the exit code: 1 if something could not be deleted, or the logs are still too large."""
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=Path)
    parser.add_argument("--days", type=int)
    parser.add_argument("--max-bytes", type=int)
    wanted = parser.parse_args(argv)
    report = Report()
    too_large = clean(wanted.root, wanted.days, wanted.max_bytes, time.time(), report)
    print(
        f"deleted {report.files} files, {amount(report.size)} ({report.size} bytes), of {report.runs} DAG runs,"
        f" and {report.folders} empty folders",
        flush=True,
    )
    for failure in report.failures[:20]:
        print(f"ERROR: not deleted: {failure}", file=sys.stderr)
    if too_large:
        print(f"ERROR: {too_large}", file=sys.stderr)
    return 1 if report.failures or too_large else 0


if __name__ == "__main__":
    sys.exit(main())
