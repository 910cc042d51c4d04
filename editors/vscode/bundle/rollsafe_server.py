"""Starts the bundled server with the libraries that fit the Python that runs this file.

Run as `python -I -S rollsafe_server.py ARGS`: isolated and without site-packages, so nothing that
the user installed comes before, or instead of, what is bundled. Beside this file lie `libs`, which
every supported Python shares, and one folder such as `cp311` for each of them.
"""

import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).resolve().parent


def compiled_libraries() -> Path:
    """The folder of this interpreter; exits with a sentence for the user if there is none."""
    tag = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    folder = HERE / tag
    supported = ", ".join(sorted(each.name for each in HERE.glob("cp*")))
    if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
        sys.exit(f"the bundled server needs the standard build of CPython: {supported}")
    if not folder.is_dir():
        sys.exit(f"Python {sys.version.split()[0]} is not one of the bundled server's: {supported}")
    return folder


sys.path[:0] = [str(compiled_libraries()), str(HERE / "libs")]
sys.argv[0] = "rollsafe"

from rollsafe.main import main  # noqa: E402  (the search path comes first)

sys.exit(main())
