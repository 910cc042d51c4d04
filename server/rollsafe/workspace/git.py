"""The git base: what the files were at another revision.

The only module that starts a process below the frontends. It is called for trusted workspaces alone:
a repository's own configuration can make git run programs, so hooks, pagers, external diffs, fsmonitor
and textconv are switched off all the same.
"""

import os
import subprocess
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

from rollsafe.workspace.facts import Base, Checkout

_TIMEOUT_S: Final = 20
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
    found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    commit = found.strip()
    if not commit:
        raise GitError(f"no revision `{ref}` in {root}")
    prefix = _git(root, "rev-parse", "--show-prefix").strip()

    @lru_cache(maxsize=1)
    def paths() -> frozenset[str]:
        listed = _git(root, "ls-tree", "-r", "-z", "--name-only", commit, "--", ".")
        return frozenset(path for path in listed.split("\0") if path)

    @cache
    def read(path: str) -> str | None:
        if path not in paths():
            return None
        return _git(root, "show", "--no-textconv", f"{commit}:{prefix}{path}")

    return Base(ref, read, paths, commit, cache(lambda: _checkout(root, commit)))


def _checkout(root: str, base: str) -> Checkout:
    head = _git(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").strip()
    if not head:
        return Checkout()
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
    for ref in ("origin/HEAD", "origin/main", "origin/master", "main", "master"):
        try:
            found = _git(root, "merge-base", "HEAD", "--end-of-options", ref).strip()
        except GitError:
            continue
        if found:
            return found
    return None


def compared(root: str, ref: str, *, since_fork: bool = False) -> tuple[Base, frozenset[str]]:
    """Return the base a revision is, and what differs from it; `since_fork` takes where HEAD left it.

    Raises:
        GitError: as for `resolve_base`.
    """
    wanted = merge_base(root, ref) if since_fork else ref
    base = resolve_base(root, wanted)
    return base, changed_paths(root, base.commit or wanted)


def changed_paths(root: str, ref: str) -> frozenset[str]:
    """Return the project paths that differ from revision `ref`, untracked files included.

    Raises:
        GitError: as for `resolve_base`.
    """
    diff = _git(root, "diff", "--name-only", "-z", "--no-ext-diff", "--relative", ref, "--", ".")
    new = _git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", ".")
    return frozenset(path for path in (*diff.split("\0"), *new.split("\0")) if path)


def _git(root: str, *arguments: str) -> str:
    command: Sequence[str] = ("git", *_SAFE, "-C", root, *arguments)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_TIMEOUT_S, check=False, env=environment,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except FileNotFoundError:
        raise GitError("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise GitError(f"git did not answer in {_TIMEOUT_S} s") from None
    if done.returncode not in (0, 1) or (done.returncode == 1 and done.stderr):
        detail = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise GitError(detail or f"git {arguments[0]} failed")
    return done.stdout.decode("utf-8", "replace")
