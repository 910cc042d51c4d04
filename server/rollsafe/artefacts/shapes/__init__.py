"""What the values of a file may be, said by tables instead of code: keys, types, what has to be there.

A table is a JSON file in `data/` made by a program in `tools/`. A shape in it is a text of letters for
a scalar (`s` text, `i` whole number, `n` number, `b` boolean, `0` null), `*` for anything, `#name` for
another shape, or an object: `s` letters, `e` the words allowed, `p` keys with their shapes, `q` required
keys, `v` the shape of further keys (absent: there are none), `l` the shape of items, `w` the versions that
know a key, `o` pairs of a key and the mapping that has it where a mapping may be one of several, `f` a text
that is not empty, `c` the number of the list in `contexts` of what expressions see.
"""

from rollsafe.artefacts.shapes.faults import Dialect, Fault, FaultKind, faults_in, letter_of
from rollsafe.artefacts.shapes.shape import Shape, Span, described
from rollsafe.artefacts.shapes.table import (
    Table,
    compose_table,
    github_table,
    gitlab_table,
    kubernetes_table,
    operators_table,
)
from rollsafe.artefacts.shapes.written import shape_of_schema

__all__ = [
    "Dialect",
    "Fault",
    "FaultKind",
    "Shape",
    "Span",
    "Table",
    "compose_table",
    "described",
    "faults_in",
    "github_table",
    "gitlab_table",
    "kubernetes_table",
    "letter_of",
    "operators_table",
    "shape_of_schema",
]
