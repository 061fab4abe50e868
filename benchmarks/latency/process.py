"""Fresh processes: what importing costs, and importing, compiling, calling and leaving, over `import numpy` alone."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = """import numpy
from {peer} import njit


@njit
def add(a, b):
    return a + b


assert add(1, 2) == 3
"""

SCRIPTS = {
    "import": "import numpy, {peer}\n",
    "import with cuda": "import numpy, {peer}, {peer}.cuda\n",
    "import, compile, call, exit": PROGRAM,
}


def run(session):
    environment = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="cantil-bench-") as folder:

        def script(name, text):
            path = Path(folder) / f"{name}.py"
            path.write_text(text)

            def start():
                subprocess.run([sys.executable, path], check=True, env=environment, capture_output=True)

            start()  # the first start writes .pyc files and fills the page cache
            return start

        bare = script("numpy_only", "import numpy\n")
        for title, text in SCRIPTS.items():
            actions = {"numpy": bare}
            for peer in session.peers:
                try:
                    actions[peer] = script(
                        f"{peer}_{title.replace(' ', '_').replace(',', '')}", text.format(peer=peer)
                    )
                except subprocess.CalledProcessError as error:
                    session.failed(
                        f"process: {title}",
                        peer,
                        RuntimeError(error.stderr.decode().strip().splitlines()[-1]),
                    )
            values = session.compare(
                f"process: {title}", actions, repeats=11, note="numpy: `import numpy` alone"
            )
            added = {p: values[p] - values["numpy"] for p in session.peers if values.get(p) is not None}
            session.record(f"process: {title}, added to numpy", added)
