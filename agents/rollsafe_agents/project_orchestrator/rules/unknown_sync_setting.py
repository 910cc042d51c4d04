"""Argo CD ignores a setting it does not know.

## What it does
Compares the `syncOptions` of applications, and what annotations of `argocd.argoproj.io` say on any object (sync options, hooks,
when hooks are deleted, waves), with what Argo CD reads.

## Why it matters
A misspelt setting has no effect and nobody says so: a hook that was to run before the release is created beside it, a wave
counts as 0, an object that was never to be pruned is.

## Bad
```yaml title="k8s/migrate.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop-schema
  annotations:
    argocd.argoproj.io/hook: PreSyn  # <-
    argocd.argoproj.io/sync-option: Prune=false  # <-
data:
  version: "12"
```

## Good
```yaml title="k8s/migrate.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop-schema
  annotations:
    argocd.argoproj.io/hook: PreSync
    argocd.argoproj.io/sync-options: Prune=false
data:
  version: "12"
```

## Fix
Writes the nearest setting that is known. Unsafe: it takes effect from then on.

## References
- [Argo CD: sync options](https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/)
- [Argo CD: annotations and labels](https://argo-cd.readthedocs.io/en/stable/user-guide/annotations-and-labels/)

## Equivalent rules
None known.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Application, KubernetesObject, is_placeholder
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar
from rollsafe.formats.yaml_edit import rename_key, set_value
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.text import Span, nearest

_PREFIX: Final = "argocd.argoproj.io/"
_OPTIONS: Final = (
    *(
        "ApplyOutOfSyncOnly",
        "ClientSideApplyMigration",
        "CreateNamespace",
        "Delete",
        "FailOnSharedResource",
        "Force",
    ),
    *(
        "Prune",
        "PruneLast",
        "PrunePropagationPolicy",
        "Replace",
        "RespectIgnoreDifferences",
        "ServerSideApply",
    ),
    *("SkipDryRunOnMissingResource", "Validate"),
)
_HOOKS: Final = ("PreSync", "Sync", "PostSync", "SyncFail", "Skip", "PreDelete", "PostDelete")
_POLICIES: Final = ("HookSucceeded", "HookFailed", "BeforeHookCreation")
_READ: Final = frozenset({"sync-options", "hook", "hook-delete-policy", "sync-wave"})
_KEYS: Final = (*_READ, "compare-options", "refresh", "tracking-id", "manifest-generate-paths")


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(thing: KubernetesObject) -> Iterator[Finding]:
    """Yield a finding for each setting that Argo CD does not know."""
    annotations = thing.node.map_at("metadata", "annotations")
    for entry in annotations.entries if annotations is not None else ():
        if entry.name.startswith(_PREFIX):
            yield from _annotation(thing, entry)
    if isinstance(thing, Application):
        for option in thing.sync_options:
            yield from _words(thing, option, [option.text], "option", _OPTIONS)


def _annotation(thing: KubernetesObject, entry: Entry) -> Iterator[Finding]:
    key = entry.name.removeprefix(_PREFIX)
    value = entry.value
    if key not in _KEYS:
        close = nearest(key, _READ)
        if close is not None and _is_free(thing, close):
            fix = Fix(f"Write `{close}`", Safety.UNSAFE, edits=(rename_key(entry, _PREFIX + close),))
            yield _finding(thing, entry.key, f"annotation `{key}`", close, (fix,))
        return
    if not isinstance(value, Scalar) or value.is_null or is_placeholder(value.text):
        return
    words = [word.strip() for word in value.text.split(",") if word.strip()]
    if key == "hook":
        yield from _words(thing, value, words, "hook", _HOOKS)
    elif key == "hook-delete-policy":
        yield from _words(thing, value, words, "policy", _POLICIES)
    elif key == "sync-options":
        yield from _words(thing, value, words, "option", _OPTIONS)
    elif key == "sync-wave" and not value.text.strip().removeprefix("-").isdigit():
        yield Finding(value, f"the wave `{value.text}` of `{thing.name}` is no whole number and counts as 0")


def _is_free(thing: KubernetesObject, key: str) -> bool:
    annotations = thing.node.at("metadata", "annotations")
    return isinstance(annotations, Mapping) and annotations.entry(_PREFIX + key) is None


def _words(
    thing: KubernetesObject, node: Scalar, words: Iterable[str], what: str, known: tuple[str, ...]
) -> Iterator[Finding]:
    for word in words:
        name, equals, _ = word.partition("=")
        if name in known:
            continue
        close = nearest(name, known)
        fixes: tuple[Fix, ...] = ()
        at = thing.file.slice(node).find(name)
        if close is not None and at >= 0 and not node.block:
            edit = Edit(Span(node.start + at, node.start + at + len(name)), close)
            fixes = (Fix(f"Write `{close}`", Safety.UNSAFE, edits=(edit,)),)
            if not equals and node.plain and name == node.text:
                fixes = (Fix(f"Write `{close}`", Safety.UNSAFE, edits=(set_value(node, close),)),)
        yield _finding(thing, node, f"{what} `{name}`", close, fixes)


def _finding(
    thing: KubernetesObject, where: Node, what: str, close: str | None, fixes: tuple[Fix, ...]
) -> Finding:
    hint = f"; the nearest is `{close}`" if close is not None else ""
    return Finding(
        where,
        f"Argo CD ignores the {what} of `{thing.name}`, which it does not know{hint}",
        fixes=fixes,
        level=None if close is not None else Level.PEDANTIC,
    )
