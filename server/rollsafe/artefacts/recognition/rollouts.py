"""What a deployment command rolls out, and the commands that look at it or take it back."""

from typing import Final

from rollsafe.formats.shell import ShellCommand
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_KINDS: Final = {
    "deployment": "deployment",
    "deployments": "deployment",
    "deploy": "deployment",
    "statefulset": "statefulset",
    "statefulsets": "statefulset",
    "sts": "statefulset",
    "daemonset": "daemonset",
    "daemonsets": "daemonset",
    "ds": "daemonset",
}
_NAME: Final = lazily(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\$\{?\w+\}?|\$\{\{ *[\w.]+ *\}\}")
_PLACE: Final = (("-n", "--namespace"), ("--context",))
_PLAIN: Final = lazily(r"[\w./:@${}-]+")


class Rollout(NamedTuple):
    """A workload (`deployment/shop`) and the options that say where it is (`-n shop`)."""

    workload: str
    place: str

    @property
    def status(self) -> str:
        """The command that waits until it is rolled out."""
        return f"{self._kubectl} rollout status {self.workload} --timeout=300s"

    @property
    def undo(self) -> str:
        """The command that brings the previous version back."""
        return f"{self._kubectl} rollout undo {self.workload}"

    @property
    def _kubectl(self) -> str:
        return f"kubectl {self.place}".rstrip()


def rollout_of(command: ShellCommand) -> Rollout | None:
    """Return the workload a `kubectl` command changes by name; None when it names none, or several."""
    if command.name.rpartition("/")[2] not in ("kubectl", "oc"):
        return None
    found = {one for at in range(1, len(command.texts)) if (one := _workload(command.texts, at)) is not None}
    return Rollout(found.pop(), _place(command)) if len(found) == 1 else None


def _workload(texts: list[str], at: int) -> str | None:
    head, slash, name = texts[at].partition("/")
    kind = _KINDS.get(head)
    if kind is None or texts[at - 1][:1] == "-":
        return None
    if not slash:
        name = texts[at + 1] if at + 1 < len(texts) else ""
    return f"{kind}/{name}" if _NAME.fullmatch(name) else None


def _place(command: ShellCommand) -> str:
    options = ((names[0], command.option(*names)) for names in _PLACE)
    return " ".join(f"{name} {value}" for name, value in options if value and _PLAIN.fullmatch(value))
