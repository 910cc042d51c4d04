"""Rails, run on a server: what it sends for a migration."""

import functools
import shutil
import subprocess
from pathlib import Path

from tests.installed import missing

_RUN = Path(__file__).parents[1] / "fixing" / "run_rails.rb"


@functools.cache
def _ruby() -> str | None:
    """Return a Ruby that has Rails and the driver of PostgreSQL."""
    ruby = shutil.which("ruby")
    if ruby is None:
        return None
    asked = [ruby, "-e", "gem 'activerecord'; gem 'pg'"]
    return ruby if subprocess.run(asked, capture_output=True, check=False).returncode == 0 else None


def rails() -> list[str]:
    """Return the command that runs migrations of Rails."""
    ruby = _ruby()
    return (
        [ruby, str(_RUN)] if ruby is not None else missing("Rails (ruby-activerecord and ruby-pg of Debian)")
    )
