"""The disk cache: what hits, what misses, damage, many processes, and the command."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from cantil import _cache_command as command
from cantil import _core

pytestmark = pytest.mark.targets("cpu")


class Project:
    """A folder of modules, with a cache of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.cache = folder / "cache"

    def write(self, name, text):
        path = self.folder / name
        path.write_text(textwrap.dedent(text))
        return path

    def environment(self, **more):
        keep = {
            k: v
            for k, v in os.environ.items()
            if k not in ("CANTIL_CACHE_DIR", "NUMBA_CACHE_DIR", "CANTIL_CACHE")
        }
        return {**keep, "CANTIL_CACHE_DIR": str(self.cache), "CANTIL_CUDA": "sim", **more}

    def run(self, text, **environment):
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(text)],
            cwd=self.folder,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    def entries(self):
        return sorted(self.cache.glob("*.cantil"))


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


KINDS = """
    import numpy as np
    from cantil import cfunc, cuda, guvectorize, njit, vectorize

    @njit
    def helper(x):
        return x + 1

    @njit(cache=True)
    def function(x):
        return helper(x) * 2

    def make(k):
        @njit(cache=True)
        def closure(x):
            return helper(x) * k
        return closure

    closure = make(3)
    shortest = njit(cache=True)(lambda x: x * 5)

    @njit(cache=True)
    def taking(f, x):
        return f(x)

    @vectorize(["int64(int64)"], cache=True)
    def ufunc(x):
        return x * 7

    @vectorize(cache=True)
    def lazy(x):
        return x * 8

    @guvectorize(["(int64[:], int64[:])"], "(n)->()", cache=True)
    def gufunc(x, r):
        r[0] = x.sum()

    @cfunc("int64(int64)", cache=True)
    def callback(x):
        return x * 9

    @cuda.jit(cache=True)
    def kernel(a):
        a[cuda.grid(1)] += 1
"""

USE_KINDS = """
    import numpy as np
    from kinds import *
    a = np.arange(3)
    results = [function(1), closure(1), shortest(1), taking(helper, 1), ufunc(1), lazy(1), gufunc(a)]
    results.append(callback.ctypes(1))
    kernel[1, 3](a)
    print(*results, a.sum())
    objects = [function, closure, shortest, taking, ufunc, lazy, gufunc, kernel]
    print(*(sum(o.stats.cache_hits.values()) for o in objects), callback.cache_hits)
    print(*(sum(o.stats.cache_misses.values()) for o in objects), callback.cache_hits)
"""


def test_every_kind_hits(project):
    project.write("kinds.py", KINDS)
    expected = "4 6 5 2 7 8 3 9 6".split()
    first = project.run(USE_KINDS)
    assert first[:9] == expected
    assert first[9:18] == ["0"] * 9
    second = project.run(USE_KINDS)
    assert second[:9] == expected
    assert second[9:18] == ["1"] * 9
    assert second[18:26] == ["0"] * 8


HELPED = """
    from cantil import njit
    from helper import helper

    @njit(cache=True)
    def f(x):
        return helper(x) + 1
"""
USE_HELPED = "from helped import f; print(f(1), sum(f.stats.cache_hits.values()))"


def test_what_is_called_counts_and_times_do_not(project):
    helper = project.write(
        "helper.py", "from cantil import njit\n\n@njit\ndef helper(x):\n    return x * 2\n"
    )
    helped = project.write("helped.py", HELPED)
    assert project.run(USE_HELPED) == ["3", "0"]
    assert project.run(USE_HELPED) == ["3", "1"]
    for path in (helper, helped):
        os.utime(path, (time.time() + 100, time.time() + 100))
    assert project.run(USE_HELPED) == ["3", "1"]
    helper.write_text(helper.read_text() + "\n# a remark\n")
    assert project.run(USE_HELPED) == ["3", "1"]
    helper.write_text(helper.read_text().replace("* 2", "* 5"))
    assert project.run(USE_HELPED) == ["6", "0"]
    assert project.run(USE_HELPED) == ["6", "1"]
    helper.write_text(helper.read_text().replace("* 5", "* 2"))
    assert project.run(USE_HELPED) == ["3", "1"]


def test_constants_of_the_module_count(project):
    text = "from cantil import njit\nK = 3\n\n@njit(cache=True)\ndef f(x):\n    return x + K\n"
    project.write("m.py", text)
    use = "from m import f; print(f(1), sum(f.stats.cache_hits.values()))"
    assert project.run(use) == ["4", "0"]
    project.write("m.py", text.replace("K = 3", "K = 4"))
    assert project.run(use) == ["5", "0"]


def test_environment(project):
    project.write("m.py", "from cantil import njit\n\n@njit\ndef f(x):\n    return x + 1\n")
    use = "from m import f; print(f(1), sum(f.stats.cache_hits.values()), f.stats.cache_path)"
    assert project.run(use) == ["2", "0", "None"]
    assert project.run(use, CANTIL_CACHE="1")[:2] == ["2", "0"]
    assert project.run(use, CANTIL_CACHE="1") == ["2", "1", str(project.cache)]
    other = project.folder / "other"
    assert project.run(use, CANTIL_CACHE="1", CANTIL_CACHE_DIR="", NUMBA_CACHE_DIR=str(other))[1:] == [
        "0",
        str(other),
    ]
    assert list(other.glob("*.cantil"))


SIMPLE = "from cantil import njit\n\n@njit(cache=True)\ndef f(x):\n    return x * 3\n"
USE_SIMPLE = "from m import f; print(f(2), sum(f.stats.cache_hits.values()))"


def test_damage_is_a_miss(project, tmp_path):
    project.write("m.py", SIMPLE)
    project.run(USE_SIMPLE)
    (entry,) = project.entries()
    good = entry.read_bytes()
    copy = tmp_path / entry.name
    for at in range(len(good)):
        copy.write_bytes(good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :])
        assert not _core.is_sound_entry(str(copy)), at
    for size in range(len(good)):
        copy.write_bytes(good[:size])
        assert not _core.is_sound_entry(str(copy)), size
    copy.write_bytes(good + b"x")
    assert not _core.is_sound_entry(str(copy))
    copy.write_bytes(good)
    assert _core.is_sound_entry(str(copy))
    for at in (0, 20, 60, len(good) // 2, len(good) - 1):
        entry.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        assert project.run(USE_SIMPLE) == ["6", "0"]
        assert entry.read_bytes() == good  # and it is mended
    entry.write_bytes(b"")
    assert project.run(USE_SIMPLE) == ["6", "0"]


def test_entries_of_another_function_are_not_taken(project):
    project.write("m.py", SIMPLE)
    project.run(USE_SIMPLE)
    (entry,) = project.entries()
    other = entry.read_bytes()
    project.write("m.py", SIMPLE.replace("* 3", "* 4"))
    project.run(USE_SIMPLE)
    (second,) = set(project.entries()) - {entry}
    second.write_bytes(other)
    assert project.run(USE_SIMPLE) == ["8", "0"]


@pytest.mark.parametrize("kind", ["a file is in the way", "below a file", "no such device"])
def test_folders_that_cannot_be_used(project, kind):
    project.write("m.py", SIMPLE)
    blocked = project.write("blocked", "")
    folder = {"a file is in the way": blocked, "below a file": blocked / "x", "no such device": "/proc/none"}[
        kind
    ]
    for _ in range(2):
        assert project.run(USE_SIMPLE, CANTIL_CACHE_DIR=str(folder)) == ["6", "0"]


def test_a_full_disk(project):
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full")
    project.write("m.py", SIMPLE)
    # A limit on the size of files does to the writer what a full disk does.
    limited = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    limited += "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
    assert project.run(limited + USE_SIMPLE) == ["6", "0"]
    assert not list(project.cache.iterdir())


def test_many_processes_and_kills(project):
    project.write("m.py", SIMPLE.replace("f(x)", "f(x, y=0)"))
    program = (
        "from m import f\nfor k in range(6):\n    assert f((k,) * (k + 1) == 0 or k + 0.5) == (k + 0.5) * 3\n"
    )
    workers = [
        subprocess.Popen([sys.executable, "-c", program], cwd=project.folder, env=project.environment())
        for _ in range(6)
    ]
    for k, worker in enumerate(workers[:3]):
        time.sleep(0.05 * k)
        worker.send_signal(signal.SIGKILL)
    for worker in workers[3:]:
        assert worker.wait(120) == 0
    for worker in workers[:3]:
        worker.wait()
    assert all(_core.is_sound_entry(str(entry)) for entry in project.entries())


def test_notebook_cells(project):
    program = """
        import linecache, os, sys
        text = "from cantil import njit\\n\\n@njit(cache=True)\\ndef f(x):\\n"
        text += "    if x > 2:\\n        raise ValueError('no')\\n    return x * 3\\n"
        name = f"/tmp/ipykernel_{os.getpid()}/123456.py"
        linecache.cache[name] = len(text), None, text.splitlines(True), name
        space = {"__name__": "__main__"}
        exec(compile(text, name, "exec"), space)
        f = space["f"]
        try:
            f(3)
        except ValueError as error:
            trace = error.__traceback__
            while trace.tb_next:
                trace = trace.tb_next
            print(trace.tb_frame.f_code.co_filename == name)
        print(f(2), sum(f.stats.cache_hits.values()))
    """
    assert project.run(program) == ["True", "6", "0"]
    assert project.run(program) == ["True", "6", "1"]


def test_the_command(project):
    project.write("kinds.py", KINDS)
    project.run(USE_KINDS)

    def cantil(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "cantil", "cache", *map(str, arguments)],
            capture_output=True,
            text=True,
            env=project.environment(),
        )
        return done.returncode, done.stdout + done.stderr

    code, text = cantil()
    count = len(project.entries())
    assert code == 0
    assert f"{count} entries" in text
    assert "function" in text
    assert cantil("verify") == (0, f"{project.cache}: {count} entries, 0 damaged\n")
    damaged = project.entries()[0]
    damaged.write_bytes(damaged.read_bytes()[:-1])
    code, text = cantil("verify")
    assert code == 1
    assert f"damaged: {damaged}" in text
    code, text = cantil("verify", "--delete")
    assert code == 0
    assert not damaged.exists()
    sizes = sum(entry.stat().st_size for entry in project.entries())
    left_by_a_killed_writer = project.cache / (project.entries()[0].name + ".abcdef")
    left_by_a_killed_writer.write_bytes(b"x")
    os.utime(left_by_a_killed_writer, (0, 0))
    code, text = cantil("prune", "--size", "10K")
    assert code == 0
    assert not left_by_a_killed_writer.exists()
    assert sum(entry.stat().st_size for entry in project.entries()) <= min(sizes, 10 << 10)
    shutil.copytree(project.cache, project.folder / "copy")
    assert cantil("prune", project.folder / "copy")[0] == 0
    assert [entry.name for entry in (project.folder / "copy").iterdir()] == ["CACHEDIR.TAG"]
    assert cantil("prune", "--size", "much")[0] == 2


def test_sizes():
    assert [command.parse_size(t) for t in ("0", "300K", "1.5G", "2mb")] == [0, 300 << 10, 3 << 29, 2 << 20]
    with pytest.raises(ValueError, match="much"):
        command.parse_size("much")
    assert [command.shown_size(n) for n in (5, 3 << 10, 5 << 20, 7 << 30)] == ["5 B", "3 KB", "5 MB", "7 GB"]
