"""Commands that publish a package to a public registry, or install one outside of a lock file."""

from collections.abc import Sequence
from typing import Final

_DRY: Final = frozenset({"--dry-run", "-n"})
_NPM_INSTALL: Final = frozenset(
    {"install", "i", "in", "ins", "inst", "insta", "instal", "isnt", "isnta", "isntal", "isntall", "add"}
)
_TAKES_VALUE: Final = {
    "pnpm": frozenset({"-C", "--dir", "-F", "--filter", "--filter-prod"}),
    "yarn": frozenset({"--cwd", "--mutex", "--cache-folder"}),
}
_CHAINS: Final = {
    "bundle": (("exec", "gem", "push"),),
    "cargo": (("publish",),),
    "bun": (("publish",),),
    "dotnet": (("nuget", "push"),),
    "gem": (("push",),),
    "hatch": (("publish",),),
    "npm": (("publish",),),
    "nuget": (("push",),),
    "nuget.exe": (("push",),),
    "pdm": (("publish",),),
    "pipx": (("run", "twine*", "upload"),),
    "pnpm": (("publish",),),
    "poetry": (("publish",),),
    "python": (("-m", "twine", "upload"),),
    "twine": (("upload",),),
    "uv": (("publish",), ("run", "twine", "upload")),
    "uvx": (("twine*", "upload"),),
    "yarn": (("publish",), ("npm", "publish")),
    "bunx": (("npm*", "publish"),),
}
"""Words that follow each other in a command that publishes, others in between; `*` for any ending."""


def publishes_package(words: Sequence[str]) -> bool:
    """Say whether a command publishes a package, and not only tries to."""
    if not words:
        return False
    name = "python" if words[0].startswith("python") else words[0]
    if not _DRY.isdisjoint(words):
        return False
    return any(_follow(chain, words[1:]) for chain in _CHAINS.get(name, ()))


def _follow(chain: Sequence[str], words: Sequence[str]) -> bool:
    at = 0
    for word in words:
        if at < len(chain) and _is(word, chain[at]):
            at += 1
    return at == len(chain)


def _is(word: str, wanted: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


def installs_package(words: Sequence[str]) -> bool:
    """Say whether a command installs a package by name that no lock file has to know."""
    if not words:
        return False
    name, rest = words[0], list(words[1:])
    if name in ("gem", "bundle"):
        wanted = ("install", "i") if name == "gem" else ("add",)
        at = next((index for index, word in enumerate(rest) if word in wanted), None)
        return at is not None and _names_something(rest[at + 1 :])
    if name == "npm":
        while rest and rest[0].startswith("-"):
            rest.pop(0)
        return bool(rest) and rest[0] in _NPM_INSTALL and _names_something(rest[1:])
    if name in _TAKES_VALUE:
        verb = _subcommand(name, rest)
        if name == "yarn" and verb == "workspace":
            rest = rest[1:]
            verb = _subcommand(name, rest)
        elif (name, verb) in (("yarn", "global"), ("pnpm", "recursive"), ("pnpm", "multi"), ("pnpm", "m")):
            verb = _subcommand(name, rest)
        return verb == "add" and _names_something(rest)
    return False


def _names_something(words: Sequence[str]) -> bool:
    return any(not word.startswith("-") for word in words)


def _subcommand(name: str, rest: list[str]) -> str:
    """Take the next word that is no option, nor the value of one, from `rest`."""
    while rest:
        word = rest.pop(0)
        if word == "--":
            return rest.pop(0) if rest else ""
        if not word.startswith("-"):
            return word
        if "=" not in word and word in _TAKES_VALUE[name] and rest:
            rest.pop(0)
    return ""
