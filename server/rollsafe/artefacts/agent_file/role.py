"""The field `rollsafe` of an agent file: what part the agent takes, and in what it looks at.

    rollsafe:
      kind: reviewer            # or planner
      files: ["k8s/**/*.yaml"]  # as in a .gitignore, `{a,b}` as well
      keys: [missing-runbook]
      max_findings: 3

Without it an agent is a reviewer of the kinds of files that its description speaks of.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final, Literal, cast

from rollsafe.formats.front_matter import FrontMatter
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence, resolve
from rollsafe.text.tuples import NamedTuple

AgentKind = Literal["reviewer", "planner"]

FIELD: Final = "rollsafe"
KINDS: Final[tuple[AgentKind, ...]] = ("reviewer", "planner")
PARTS: Final = ("kind", "files", "keys", "max_findings")
MOST_FINDINGS: Final = 10

_MOST: Final = 50
_LONGEST: Final = 200
_KEY: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


class RoleProblem(NamedTuple):
    """Why a part of the field is of no use; `nearest` is what was meant where that can be told.

    `start` and `end` bound what is wrong.
    """

    start: int
    end: int
    message: str
    nearest: str = ""


class Role(NamedTuple):
    """What part an agent takes. `files` are patterns, `keys` names of its own, both empty where not given."""

    kind: AgentKind = "reviewer"
    files: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    max_findings: int = MOST_FINDINGS
    problems: tuple[RoleProblem, ...] = ()


def role_of(front: FrontMatter) -> Role:
    """Return what the field `rollsafe` says; the usual part without one."""
    field = front.field(FIELD)
    if field is None:
        return Role()
    value = resolve(field.value)
    if not isinstance(value, Mapping):
        start, end = field.key.start, field.key.end
        return Role(problems=(RoleProblem(start, end, f"`{FIELD}` is no table of {_listed(PARTS)}"),))
    reader = _Reader()
    for entry in value.entries[:_MOST]:
        reader.read(entry)
    return reader.role._replace(problems=tuple(reader.problems))


class _Reader:
    """Reads the entries one by one; what is of no use becomes a problem and changes nothing."""

    def __init__(self) -> None:
        self.role = Role()
        self.problems: list[RoleProblem] = []
        self._parts: dict[str, Callable[[Node, str], None]] = {
            "kind": self._kind,
            "files": self._files,
            "keys": self._keys,
            "max_findings": self._max_findings,
        }

    def read(self, entry: Entry) -> None:
        """Take in one entry."""
        part = self._parts.get(entry.name)
        value = resolve(entry.value)
        if part is None:
            self._object(
                entry.key, f"`{entry.name[:_LONGEST]}` is none of {_listed(PARTS)}", entry.name, PARTS
            )
        elif value is None:
            self._object(entry.value, f"`{entry.name}` refers to nothing")
        else:
            part(value, entry.name)

    def _kind(self, value: Node, name: str) -> None:
        words = value.text if isinstance(value, Scalar) else ""
        kind = next((known for known in KINDS if known == words), None)
        if kind is not None:
            self.role = self.role._replace(kind=kind)
        else:
            self._object(value, f"`{name}` is neither `reviewer` nor `planner`", words, KINDS)

    def _files(self, value: Node, name: str) -> None:
        patterns = tuple(self._texts(value, name))
        for node, pattern in patterns:
            if ".." in re.split(r"[/\\]", pattern) or re.match(r"[/\\]{2}|~|[A-Za-z]:", pattern):
                self._object(node, f"`{pattern}` leads out of the project")
        self.role = self.role._replace(files=tuple(pattern for _, pattern in patterns))

    def _keys(self, value: Node, name: str) -> None:
        keys = tuple(self._texts(value, name))
        for node, key in keys:
            if not _KEY.fullmatch(key):
                self._object(node, f"the key `{key}` is not of lower-case words with hyphens")
        self.role = self.role._replace(keys=tuple(dict.fromkeys(key for _, key in keys)))

    def _max_findings(self, value: Node, name: str) -> None:
        number = value.as_int() if isinstance(value, Scalar) else None
        if number is None or number < 1:
            self._object(value, f"`{name}` is not a number from 1 to {MOST_FINDINGS}")
        else:
            self.role = self.role._replace(max_findings=min(number, MOST_FINDINGS))

    def _texts(self, value: Node, name: str) -> Iterator[tuple[Node, str]]:
        """Yield the texts of a list, or the only one."""
        items = value.items if isinstance(value, Sequence) else [value]
        if len(items) > _MOST:
            self._object(value, f"`{name}` holds more than {_MOST}")
        for item in map(resolve, items[:_MOST]):
            words = item.text.strip() if isinstance(item, Scalar) and not item.is_null else ""
            if not words or len(words) > _LONGEST or not words.isprintable():
                self._object(item or value, f"`{name}` holds what is no text of 1 to {_LONGEST} characters")
            else:
                yield cast("Node", item), words

    def _object(self, where: Node, message: str, word: str = "", known: tuple[str, ...] = ()) -> None:
        from rollsafe.text import nearest

        close = nearest(word, known) if word and known else None
        self.problems.append(RoleProblem(where.start, where.end, message, close or ""))


def _listed(names: tuple[str, ...]) -> str:
    *most, last = (f"`{name}`" for name in names)
    return f"{', '.join(most)} and {last}"
