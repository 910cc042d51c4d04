"""What a workflow calls that other files define: actions, workflows, targets, scripts."""

from typing import Final

from rollsafe.artefacts.recognition import Indirection, ReferenceKind, joined
from rollsafe.formats.nodes import Scalar
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.text.records import record

_AT_COMMIT: Final = "$/"
_LOCAL: Final = ("./", "../", _AT_COMMIT)
"""How paths in this repository begin; `$/` is its root at the commit of the file itself."""
_USES: Final = lazily(r"(?P<owner>[^/@\s]+)/(?P<repo>[^/@\s]+)(?:/(?P<path>[^@\s]*))?(?:@(?P<ref>\S+))?")


@record
class ActionRef:
    """The value of a `uses:`.

    `owner`, `repo`, `path` and `ref` are empty where they are not written; all four are for a local
    path (`./…`) and an image (`docker://…`). `ref_span` covers the part after `@`.
    """

    start: int
    end: int
    text: str
    owner: str = ""
    repo: str = ""
    path: str = ""
    ref: str = ""
    ref_span: Span | None = None

    @property
    def is_local(self) -> bool:
        """Whether it is a path in this repository."""
        return self.text.startswith(_LOCAL)

    @property
    def is_at_commit(self) -> bool:
        """Whether it is a path in this repository at the commit of the file itself, not in the workspace."""
        return self.text.startswith(_AT_COMMIT)

    @property
    def local_path(self) -> str:
        """The path in this repository as seen from its root."""
        return self.name.removeprefix(_AT_COMMIT)

    @property
    def is_image(self) -> bool:
        """Whether it is a container image."""
        return self.text.startswith("docker://")

    @property
    def name(self) -> str:
        """`owner/repo` with the path inside it, the ref left out; a local path as written."""
        return self.text.partition("@")[0]

    @property
    def repository(self) -> str:
        """`owner/repo`; empty when local."""
        return f"{self.owner}/{self.repo}" if self.owner else ""

    @property
    def is_workflow(self) -> bool:
        """Whether a whole workflow is called."""
        return self.name.endswith((".yml", ".yaml")) and ".github/workflows/" in self.name


def action_ref(scalar: Scalar) -> ActionRef:
    """Read the value of a `uses:`."""
    text = scalar.text.strip()
    match = None if text.startswith((".", "$/", "docker://")) else _USES.fullmatch(text)
    if match is None:
        return ActionRef(scalar.start, scalar.end, text)
    ref = match["ref"] or ""
    span = None
    quote = 0 if scalar.plain else 1
    if ref and not scalar.block and scalar.end - scalar.start == len(scalar.text) + 2 * quote:
        start = scalar.start + quote + scalar.text.index("@") + 1
        span = Span(start, start + len(ref))
    return ActionRef(
        scalar.start,
        scalar.end,
        text,
        match["owner"],
        match["repo"],
        match["path"] or "",
        ref,
        span,
    )


def used(ref: ActionRef, root: str) -> Indirection | None:
    """Return the call a `uses:` of this repository's own action or any workflow is."""
    if not ref.is_local:
        if not ref.is_workflow:
            return None
        return Indirection(ReferenceKind.WORKFLOW, ref.text, ref, None)
    kind = ReferenceKind.WORKFLOW if ref.is_workflow else ReferenceKind.ACTION
    path = joined(root, ref.local_path)
    return Indirection(kind, ref.text, ref, None if path is None else f"path:{path}")


def root_of(path: str) -> str:
    """Return the directory of the repository a file below `.github` belongs to; else the top."""
    head, found, _ = path.rpartition(".github/")
    return head.rstrip("/") if found else ""
