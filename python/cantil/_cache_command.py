"""python -m cantil cache: what the disk cache holds, whether it is sound, and making it smaller."""

import argparse
import os
import re
import time
from pathlib import Path

from . import _core, config

_ENTRY = re.compile(r"(.*)-([0-9a-f]{32})\.cantil")
_UNFINISHED = re.compile(r".*\.cantil\.\w{6}")
_HOUR = 3600.0
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def default_folders():
    """The folders of the environment: CANTIL_CACHE_DIR or NUMBA_CACHE_DIR, else the user's own cache."""
    if config.CACHE_DIR:
        return [Path(config.CACHE_DIR)]
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return [Path(base) / "cantil"]


def entries(folder):
    """(path, function, bytes, time of last use) of each entry in a folder and below it."""
    for path in sorted(folder.rglob("*.cantil")):
        found = _ENTRY.fullmatch(path.name)
        if found:
            try:
                status = path.stat()
            except OSError:
                continue  # another process has removed it
            yield path, found[1], status.st_size, max(status.st_atime, status.st_mtime)


def unfinished(folder):
    """Files that writers which were killed have left."""
    for path in sorted(folder.rglob("*.cantil.*")):
        try:
            if _UNFINISHED.fullmatch(path.name) and time.time() - path.stat().st_mtime > _HOUR:
                yield path
        except OSError:
            continue


def parse_size(text):
    """Bytes of "0", "300K", "1.5G". Raises ValueError for anything else."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([KMG]?)B?", text.strip().upper())
    if not found:
        raise ValueError(f"a size is written as 500M or 2G, not {text!r}")
    return int(float(found[1]) * _UNITS[found[2]])


def shown_size(size):
    """A number of bytes with a unit that keeps it readable."""
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{size:.3g} {unit}"
        size /= 1024
    return f"{size:.3g} GB"


def _remove(path):
    try:
        path.unlink()
    except OSError:
        return False
    return True


def list_entries(folders):
    """Prints each entry's function, size and time of last use; 0."""
    for folder in folders:
        known = list(entries(folder))
        print(f"{folder}: {len(known)} entries, {shown_size(sum(size for _, _, size, _ in known))}")
        for path, function, size, used in known:
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(used))
            print(f"  {function:<40} {shown_size(size):>9}  {when}  {path.name}")
    return 0


def verify_entries(folders, delete):
    """Prints the entries that are damaged; 1 where some are left."""
    left = 0
    for folder in folders:
        known = list(entries(folder))
        broken = [path for path, *_ in known if not _core.is_sound_entry(str(path))]
        for path in broken:
            gone = delete and _remove(path)
            left += not gone
            print(f"damaged: {path}{' (removed)' if gone else ''}")
        print(f"{folder}: {len(known)} entries, {len(broken)} damaged")
    return int(left > 0)


def prune(folders, size):
    """Removes the entries that were not used for the longest time until `size` bytes are left, and what writers that
    were killed have left; 0."""
    for folder in folders:
        leftovers = sum(map(_remove, unfinished(folder)))
        known = sorted(entries(folder), key=lambda entry: entry[3])
        total = sum(entry[2] for entry in known)
        removed = 0
        for path, _, bytes_of_it, _ in known:
            if total <= size:
                break
            if _remove(path):
                total -= bytes_of_it
                removed += 1
        print(
            f"{folder}: {removed} entries and {leftovers} unfinished files removed, {shown_size(total)} left"
        )
    return 0


def run(argv):
    """Runs the command with these arguments; its exit status."""
    parser = argparse.ArgumentParser(prog="cantil cache", description="List, verify or prune the disk cache")
    parser.add_argument("action", choices=["list", "verify", "prune"], nargs="?", default="list")
    parser.add_argument(
        "folders",
        nargs="*",
        type=Path,
        help="folders to look into, with all below them; default: CANTIL_CACHE_DIR, else the user's cache",
    )
    parser.add_argument("--size", default="0", help="prune: how much to keep, such as 500M; default: nothing")
    parser.add_argument("--delete", action="store_true", help="verify: remove what is damaged")
    arguments = parser.parse_args(argv)
    folders = arguments.folders or default_folders()
    if arguments.action == "list":
        return list_entries(folders)
    if arguments.action == "verify":
        return verify_entries(folders, arguments.delete)
    try:
        size = parse_size(arguments.size)
    except ValueError as error:
        parser.error(str(error))
    return prune(folders, size)
