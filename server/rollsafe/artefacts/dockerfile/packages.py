"""Package managers as commands use them: which one, what it is told to do, and to which packages."""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Final

from rollsafe.formats.shell import ShellCommand, ShellWord
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_PIP: Final = lazily(r"pip(?:[23](?:\.\d+)?)?\Z")
_VARIABLE: Final = lazily(r"\$|`|\{\{")


class Action(Enum):
    """What a package manager is told to do."""

    INSTALL = "install"
    UPDATE = "update"
    UPGRADE = "upgrade"
    RELEASE_UPGRADE = "release upgrade"
    CLEAN = "clean"
    OTHER = "other"


class Package(NamedTuple):
    """A package as named on the command line, without its version; `pinned` tells that one is given."""

    name: str
    pinned: bool
    word: ShellWord


class Invocation(NamedTuple):
    """One command told to a package manager; offsets are those of `command`.

    `manager` is the canonical name (`apt-get`, `apt`, `apk`, `yum`, `dnf`, `zypper`, `pip`, `npm`, `yarn`,
    `pnpm`, `gem`, `go`, `cargo`), `verb` the word that says what to do, `packages` those whose name is
    written out.
    """

    manager: str
    action: Action
    command: ShellCommand
    verb: ShellWord
    packages: tuple[Package, ...]
    operands: int = 0
    """How many words follow the verb, files and variables among them."""

    @property
    def called(self) -> str:
        """The command as people say it: `apt-get install`."""
        return f"{self.command.name} {self.verb.text}"

    @property
    def is_confirmed(self) -> bool:
        """Whether it was told not to ask, or asks nothing."""
        return _is_confirmed(self)


class _Manager(NamedTuple):
    """`verbs` by name, flags that take a value, and those after which packages have their versions."""

    verbs: Mapping[str, Action]
    values: frozenset[str]
    pinning: frozenset[str] = frozenset()


def invocations_of(commands: Sequence[ShellCommand]) -> Iterator[Invocation]:
    """Yield what the commands tell package managers, in order."""
    for command in commands:
        name = _canonical(command.name)
        manager = _MANAGERS.get(name)
        if manager is not None:
            yield from _invocation(name, manager, command)


def _canonical(name: str) -> str:
    base = name.rpartition("/")[2]
    if base.startswith("pip") and _PIP.match(base):
        return "pip"
    return _ALIASES.get(base, base)


def _invocation(name: str, manager: _Manager, command: ShellCommand) -> Iterator[Invocation]:
    words = _operands(command, manager.values)
    at = next((i for i, word in enumerate(words) if word.text not in _PREFIX_VERBS.get(name, ())), None)
    if at is None:
        if name == "yarn" and len(command.texts) > 0:
            # `yarn` alone, or with flags only, installs.
            yield Invocation(name, Action.INSTALL, command, command.word(0), ())
        return
    verb = words[at]
    action = manager.verbs.get(verb.text, Action.OTHER)
    installs = action is Action.INSTALL
    all_pinned = installs and any(text.partition("=")[0] in manager.pinning for text in command.texts)
    packages = _packages(name, words[at + 1 :], all_pinned=all_pinned) if installs else ()
    yield Invocation(name, action, command, verb, tuple(packages), len(words) - at - 1)


def _operands(command: ShellCommand, values: frozenset[str]) -> list[ShellWord]:
    found: list[ShellWord] = []
    skip = False
    for word in command.args:
        if skip:
            skip = False
        elif word.text[:1] == "-" and word.text != "-":
            skip = word.text in values
        else:
            found.append(word)
    return found


def _packages(name: str, words: Sequence[ShellWord], *, all_pinned: bool) -> Iterator[Package]:
    for word in words:
        text = word.text
        if not text or _VARIABLE.match(text) or _is_local(text):
            continue
        known = _split(name, text)
        if known is not None:
            # What a variable follows, `node-$VERSION`, is a version as far as can be told.
            pinned = all_pinned or known[1] or _VARIABLE.search(text) is not None
            yield Package(known[0], pinned, word)


def _is_local(text: str) -> bool:
    if text.startswith((".", "/", "~/", "file:", "*")) or text.endswith((".deb", ".rpm", ".apk", ".whl")):
        return True
    return "://" not in text and text.endswith((".tgz", ".tar.gz", ".zip", ".gem"))


def _split(name: str, text: str) -> tuple[str, bool] | None:
    """Return a package's name and whether a version is given; None for what names no package."""
    return _SPLITTERS[name](text)


def _split_debian(text: str) -> tuple[str, bool]:
    name = re.split(r"[=/]", text, maxsplit=1)[0]
    return name, name != text


def _split_compared(text: str) -> tuple[str, bool]:
    name = re.split(r"[=<>~]", text.replace("\\", ""), maxsplit=1)[0]
    return name, len(name) != len(text)


_RPM: Final = lazily(r"(?P<name>.+?)-(?:\d+:)?\d[^-]*(?:-\d[^-]*)?\Z")


def _split_rpm(text: str) -> tuple[str, bool] | None:
    if "://" in text:
        return None
    found = _RPM.match(text) or re.match(r"(?P<name>@?[^:]+):[\w.]+\Z", text)
    return (found["name"], True) if found else (text, False)


_PYTHON: Final = lazily(r"(?P<name>[^\s=<>!~@;\[]+)(?:\[[^\]]*\])?\s*(?P<version>[=<>!~]|@)?")


def _split_python(text: str) -> tuple[str, bool] | None:
    if "://" in text:
        address = text.partition("#")[0].partition("://")[2]
        return text, not text.startswith("git+") or "@" in address.partition("/")[2]
    found = _PYTHON.match(text)
    return (found["name"], found["version"] is not None) if found else None


_MOVING: Final = frozenset({"latest", "next", "canary", "none", "upgrade", "patch", "master", "main", "HEAD"})


def _split_node(text: str) -> tuple[str, bool] | None:
    if "://" in text or text.startswith(("git@", "git+", "github:")):
        return text, "#" in text
    at = text.find("@", 1)
    return (text[:at], text[at + 1 :] not in _MOVING) if at > 0 else (text, False)


def _split_ruby(text: str) -> tuple[str, bool]:
    name, colon, _ = text.partition(":")
    return name, bool(colon)


def _split_go(text: str) -> tuple[str, bool] | None:
    name, _, version = text.partition("@")
    if "." not in name.partition("/")[0]:
        return None
    return name, bool(version) and version not in _MOVING


def _split_at(text: str) -> tuple[str, bool]:
    name, _, version = text.partition("@")
    return name, bool(version)


def _is_confirmed(one: Invocation) -> bool:
    """Say whether an installation asks nobody: assume-yes in any spelling, or an answer from a pipe."""
    command = one.command
    texts = command.texts[1:]
    if one.manager in ("apt-get", "apt"):
        quiet = sum(text[1:].count("q") for text in texts if re.match(r"-[a-zA-Z]+\Z", text))
        settings = " ".join(texts).lower()
        if quiet >= 2 or "assume-yes" in settings or "-q=2" in texts:
            return True
        return command.has_flag("--yes", "--force-yes") or _has_letter(texts, "y")
    if one.manager == "zypper":
        return command.has_flag("--non-interactive", "--no-confirm") or any(
            _has_letter(texts, letter) for letter in "yn"
        )
    return command.has_flag("--assumeyes", "--assume-yes", "--yes") or _has_letter(texts, "y")


def _has_letter(texts: Sequence[str], letter: str) -> bool:
    return any(re.match(r"-[a-zA-Z]+\Z", text) and letter in text for text in texts)


def _flags(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _verbs(**actions: str) -> dict[str, Action]:
    return {verb: Action[action.upper()] for action, verbs in actions.items() for verb in verbs.split()}


_APT: Final = _Manager(
    _verbs(
        install="install reinstall build-dep",
        update="update",
        upgrade="upgrade",
        release_upgrade="dist-upgrade full-upgrade",
        clean="clean autoclean",
    ),
    _flags("-o --option -c --config-file -t --target-release --default-release -a"),
)
_RPM_VALUES: Final = _flags(
    "-c --config --installroot --enablerepo --disablerepo --repo --repoid --setopt -x --exclude"
    " --releasever --disableplugin --enableplugin --forcearch -d -e --color --rpmverbosity"
)
_RPM_VERBS: Final = _verbs(
    install="install in localinstall groupinstall reinstall install-n install-na",
    update="makecache",
    upgrade="update upgrade up",
    release_upgrade="distro-sync dsync distribution-synchronization",
    clean="clean",
)
_PIP_VALUES: Final = _flags(
    "-r --requirement -c --constraint -e --editable -t --target --platform --python-version -i --index-url"
    " --extra-index-url -f --find-links --trusted-host --proxy --timeout --retries --cache-dir --prefix"
    " --root --src --install-option --global-option --progress-bar --log -b --build --abi --implementation"
    " --no-binary --only-binary --upgrade-strategy --use-feature --report --config-settings -C --group"
    " --python --exists-action --cert --client-cert --root-user-action --use-deprecated"
)
_NODE_VALUES: Final = _flags(
    "--registry --prefix -C --tag --loglevel --cache --workspace -w --userconfig --omit --include --only"
    " --cwd --modules-folder --cache-folder --network-timeout --mutex --filter -F --dir --globalconfig"
    " --network-concurrency --fetch-retries --maxsockets"
)

_MANAGERS: Final[dict[str, _Manager]] = {
    "apt-get": _APT,
    "apt": _APT,
    "apk": _Manager(
        _verbs(install="add", update="update", upgrade="upgrade fix", clean="cache"),
        _flags(
            "-t --virtual -X --repository --repositories-file --keys-dir -p --root --arch --wait"
            " --cache-max-age --timeout --cache-dir"
        ),
    ),
    "yum": _Manager(_RPM_VERBS, _RPM_VALUES),
    "dnf": _Manager(_RPM_VERBS, _RPM_VALUES),
    "zypper": _Manager(
        _verbs(
            install="install in",
            update="refresh ref",
            upgrade="update up patch",
            release_upgrade="dist-upgrade dup",
            clean="clean cc",
        ),
        _flags("-R --root -C --cache-dir -r --repo --from -t --type -p --plus-repo -D --reposd-dir"),
    ),
    "pip": _Manager(_verbs(install="install", clean="cache"), _PIP_VALUES, frozenset({"-c", "--constraint"})),
    "npm": _Manager(_verbs(install="install i add in isntall", clean="cache"), _NODE_VALUES),
    "pnpm": _Manager(_verbs(install="install i add", clean="store"), _NODE_VALUES),
    "yarn": _Manager(_verbs(install="install add", clean="cache"), _NODE_VALUES),
    "gem": _Manager(
        _verbs(install="install i", upgrade="update"),
        _flags(
            "-n --bindir -i --install-dir --platform -s --source -p --http-proxy -P --trust-policy -g --file"
            " -v --version --document --build-root"
        ),
        frozenset({"-v", "--version"}),
    ),
    "go": _Manager(
        _verbs(install="install get", clean="clean"),
        _flags("-C -tags -ldflags -gcflags -asmflags -mod -modfile -o -p -overlay -pkgdir"),
    ),
    "cargo": _Manager(
        _verbs(install="install"),
        _flags(
            "--version --vers --git --branch --tag --rev --path --root --index --registry -F --features"
            " --profile -j --jobs --target --target-dir --config -Z --bin --example"
        ),
        frozenset({"--version", "--vers", "--tag", "--rev", "--path"}),
    ),
}
_ALIASES: Final = {"aptitude": "apt-get", "microdnf": "dnf", "dnf5": "dnf", "dnf-3": "dnf", "tdnf": "dnf"}
_PREFIX_VERBS: Final = {
    "dnf": ("module", "group"),
    "yum": ("module", "group"),
    "yarn": ("global", "workspace"),
    "npm": ("global",),
}
_SPLITTERS: Final = {
    "apt-get": _split_debian,
    "apt": _split_debian,
    "apk": _split_compared,
    "yum": _split_rpm,
    "dnf": _split_rpm,
    "zypper": _split_compared,
    "pip": _split_python,
    "npm": _split_node,
    "pnpm": _split_node,
    "yarn": _split_node,
    "gem": _split_ruby,
    "go": _split_go,
    "cargo": _split_at,
}
