"""What a service puts into a script before any shell sees it, written as a variable of the same length."""

import re
from typing import Final

from rollsafe.text.patterns import lazily

_INSERTED: Final = lazily(
    r"<<\s{0,3}(?P<circle>[A-Za-z][\w.-]{0,80})\s{0,3}>>"
    r"|\$\[\[\s{0,3}(?P<gitlab>[A-Za-z][\w.]{0,80})[^\]\n]{0,80}\]\]"
    r"|\$\((?P<azure>[A-Za-z_][\w.]{0,80})\)"
)
_COMMANDS: Final = frozenset(
    {"pwd", "date", "hostname", "whoami", "ls", "nproc", "uname", "id", "mktemp", "tty", "env", "printenv"}
)  # fmt: skip
"""What a substitution without arguments runs, rather than a macro of Azure."""


def as_variables(text: str) -> str:
    """Return a script whose insertions are variables: `<< parameters.x >>`, `$[[ inputs.x ]]`, `$(name)`.

    Every character stays where it is, so that offsets are those of the script as written.
    """
    if "<<" not in text and "$[[" not in text and "$(" not in text:
        return text
    return _INSERTED.sub(_variable, text)


def _variable(match: re.Match[str]) -> str:
    whole = match[0]
    name = match["circle"] or match["gitlab"] or match["azure"] or ""
    if match["azure"] is not None and name in _COMMANDS:
        return whole
    plain = name.replace(".", "_").replace("-", "_")
    return f"${{{plain.ljust(len(whole) - 3, '_')}}}"
