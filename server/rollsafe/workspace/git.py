"""The git base: what the files were at another revision.

The only module that starts a process below the frontends. It is called for trusted workspaces alone:
a repository's own configuration can make git run programs, so hooks, pagers, external diffs, fsmonitor
and textconv are switched off all the same.
"""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Final

from rollsafe.text.cached import cached_property
from rollsafe.workspace.facts import Base, Checkout

_TIMEOUT_S: Final = 20
_GOALS: Final = {
    "origin/HEAD": "remotes/origin/HEAD",
    "origin/main": "remotes/origin/main",
    "origin/master": "remotes/origin/master",
    "main": "heads/main",
    "master": "heads/master",
}
"""The branches that pull requests commonly go to, likeliest first, and where git keeps them."""
_UNTRACKED: Final = ("ls-files", "--others", "--exclude-standard", "-z", "--", ".")
_SAFE: Final = (
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.pager=cat",
    "-c", "diff.external=", "-c", "protocol.allow=never", "--no-optional-locks",
)  # fmt: skip


class GitError(Exception):
    """git is missing, the directory is no repository, or the revision does not exist; one line."""


def resolve_base(root: str, ref: str) -> Base:
    """Return the state of the project at `root` as of revision `ref`.

    Raises:
        GitError: there is no such revision, no repository or no git.
    """
    return _base(root, ref, _committed(root, ref), lambda commit: _checkout(root, commit))


def _committed(root: str, ref: str) -> str:
    """Return the full hash of the commit that `ref` is.

    Raises:
        GitError: as for `resolve_base`.
    """
    found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if not found.strip():
        raise GitError(f"no revision `{ref}` in {root}")
    return found.strip()


def _base(root: str, ref: str, commit: str, checkout: Callable[[str], Checkout]) -> Base:
    state = _state(root, commit)
    return Base(ref, state.read, state.paths, commit, cache(lambda: checkout(commit)), state.objects)


class _State:
    """The project in `root` as of a commit, which never changes; read when somebody asks."""

    def __init__(self, root: str, commit: str) -> None:
        self._root = root
        self._commit = commit
        self._texts: dict[str, str] = {}

    def paths(self) -> frozenset[str]:
        """Return the project paths there were."""
        return self._paths

    def objects(self) -> Mapping[str, str]:
        """Return the name of the object git kept each file as, by path."""
        return self._objects

    def read(self, path: str) -> str | None:
        """Return the text of a file; None for one that was not there."""
        if path not in self._paths:
            return None
        if path not in self._texts:
            place = f"{self._commit}:{self._prefix}{path}"
            self._texts[path] = _git(self._root, "show", "--no-textconv", place)
        return self._texts[path]

    @cached_property
    def _prefix(self) -> str:
        return _git(self._root, "rev-parse", "--show-prefix").strip()

    @cached_property
    def _paths(self) -> frozenset[str]:
        return frozenset(self._objects)

    @cached_property
    def _objects(self) -> dict[str, str]:
        listed = _git(self._root, "ls-tree", "-r", "-z", self._commit, "--", ".").split("\0")
        rows = (row.partition("\t") for row in listed if row)
        return {path: about.rpartition(" ")[2] for about, _, path in rows}


@lru_cache(maxsize=4)
def _state(root: str, commit: str) -> _State:
    """Return a state of a project; the same object while it is asked for now and then."""
    return _State(root, commit)


def _checkout(root: str, base: str, changed: frozenset[str] | None = None) -> Checkout:
    """Return what is checked out; `changed` is what differs from `base`, where that is known."""
    head = _git(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").strip()
    if not head:
        return Checkout()
    if head == base:
        return Checkout(head, changed_paths(root, head) if changed is None else changed, 0)
    lacks = _git(root, "rev-list", "--count", f"{head}..{base}").strip()
    return Checkout(head, changed_paths(root, head), int(lacks or 0))


def merge_base(root: str, ref: str) -> str:
    """Return the commit that HEAD and `ref` have in common; `ref` itself where they share none.

    Raises:
        GitError: as for `resolve_base`.
    """
    return _git(root, "merge-base", "--end-of-options", "HEAD", ref).strip() or ref


def default_base(root: str) -> str | None:
    """Return the merge base with the branch that pull requests go to, or None.

    Tried in order: `origin/HEAD`, `origin/main`, `origin/master`, `main`, `master`; a branch that is
    checked out itself is compared with its own last commit.
    """
    for ref in _branches(root):
        try:
            found = _git(root, "merge-base", "HEAD", "--end-of-options", ref).strip()
        except GitError:
            continue
        if found:
            return found
    return None


def _branches(root: str) -> list[str]:
    """Return the branches that pull requests may go to and that there are, likeliest first."""
    names = {f"refs/{place}": name for name, place in _GOALS.items()}
    try:
        listed = _git(root, "for-each-ref", "--format=%(refname)", *names).split()
    except GitError:
        return []
    return [name for full, name in names.items() if full in listed]


def compared(root: str, ref: str, *, since_fork: bool = False) -> tuple[Base, frozenset[str]]:
    """Return the base a revision is, and what differs from it; `since_fork` takes where HEAD left it.

    Raises:
        GitError: as for `resolve_base`.
    """
    wanted = merge_base(root, ref) if since_fork else ref
    commit = _committed(root, wanted)
    changed = changed_paths(root, commit)

    def checkout(commit: str) -> Checkout:
        return _checkout(root, commit, changed)

    return _base(root, wanted, commit, checkout), changed


def changed_paths(root: str, ref: str) -> frozenset[str]:
    """Return the project paths that differ from revision `ref`, untracked files included.

    Raises:
        GitError: as for `resolve_base`.
    """
    untracked = _started(root, *_UNTRACKED)
    try:
        edited = _git(root, "diff", "--name-only", "-z", "--no-ext-diff", "--relative", ref, "--", ".")
    finally:
        new = untracked()
    return _listed(edited) | _listed(new)


def _listed(paths: str) -> frozenset[str]:
    return frozenset(path for path in paths.split("\0") if path)


def _git(root: str, *arguments: str) -> str:
    return _started(root, *arguments)()


def _started(root: str, *arguments: str) -> Callable[[], str]:
    """Start git, and return what waits for it and returns what it wrote.

    Raises:
        GitError: git is missing; what is returned raises it for a failure.
    """
    command: Sequence[str] = ("git", *_SAFE, "-C", root, *arguments)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
    except FileNotFoundError:
        raise GitError("git is not installed") from None
    return lambda: _answer(process, arguments[0])


def _answer(process: "subprocess.Popen[bytes]", command: str) -> str:
    with process:
        try:
            written, told = process.communicate(timeout=_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise GitError(f"git did not answer in {_TIMEOUT_S} s") from None
    if process.returncode not in (0, 1) or (process.returncode == 1 and told):
        detail = told.decode("utf-8", "replace").strip().partition("\n")[0]
        raise GitError(detail or f"git {command} failed")
    return written.decode("utf-8", "replace")
