"""What the templates of a chart can see: the dot, variables, and what Helm tells them."""

from collections.abc import Mapping
from typing import Final

from rollsafe.text.records import state
from rollsafe.workspace.system.charts.values import NOTHING, UNKNOWN, Leaf, Table, Value

_KUBERNETES: Final = "v1.31.0"
"""The version a chart is rendered for, as `helm template` has one of its own."""


@state
class Scope:
    """The dot and the variables inside of a block."""

    dot: Value
    variables: dict[str, Value]
    above: "Scope | None" = None

    def find(self, name: str) -> Value:
        """Return a variable; nothing where there is none."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.variables:
                return scope.variables[name]
            scope = scope.above
        return NOTHING

    def assign(self, name: str, value: Value) -> None:
        """Set a variable where it was declared."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.variables:
                scope.variables[name] = value
                return
            scope = scope.above
        self.variables[name] = value

    def inside(self, dot: Value) -> "Scope":
        """Return the scope of a block."""
        return Scope(dot, {}, self)


def root_of(values: Table, chart: Mapping[str, str], release: str, base: str) -> Table:
    """Return the dot of a chart's templates. What the release decides is not known, its name is `release`."""
    about = Table({key[:1].upper() + key[1:]: Leaf(value) for key, value in chart.items()})
    version = Table(
        {
            key: Leaf(text)
            for key, text in (
                ("Version", _KUBERNETES),
                ("GitVersion", _KUBERNETES),
                ("Major", "1"),
                ("Minor", "31"),
            )
        }
    )
    decided: dict[str, Value] = {
        "Name": Leaf(release), "Service": Leaf("Helm"), "Namespace": UNKNOWN, "Revision": UNKNOWN,
        "IsInstall": UNKNOWN, "IsUpgrade": UNKNOWN,
    }  # fmt: skip
    return Table(
        {
            "Values": values,
            "Chart": about,
            "Release": Table(decided),
            "Capabilities": Table({"KubeVersion": version}),
            "Files": UNKNOWN,
            "Template": Table({"BasePath": Leaf(base), "Name": UNKNOWN}),
        }
    )
