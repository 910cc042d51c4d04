"""Flags and variables by which a build stops looking at certificates and signatures."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.dockerfile.elements import DockerInstruction
from rollsafe.formats.shell import ShellCommand
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple


class Distrust(NamedTuple):
    """One place: `what` switches it off, in words; `name` the flag; `check` is checkov's name for it.

    `removable` tells that taking `span` away, with the blank before it, leaves a command.
    """

    what: str
    name: str
    span: Span
    check: str
    removable: bool = True


class _Flag(NamedTuple):
    check: str
    names: tuple[str, ...]
    letter: str = ""
    takes_value: bool = False


_RPM: Final = (_Flag("CKV2_DOCKER_9", ("--nogpgcheck",)),)
_SSL_OFF: Final = frozenset({"false", "0", "no", "off"})
_FLAGS: Final[dict[str, tuple[_Flag, ...]]] = {
    "curl": (_Flag("CKV2_DOCKER_2", ("-k", "--insecure", "--proxy-insecure"), "k"),),
    "wget": (_Flag("CKV2_DOCKER_3", ("--no-check-certificate",)),),
    "pip": (_Flag("CKV2_DOCKER_4", ("--trusted-host",), takes_value=True),),
    "apk": (_Flag("CKV2_DOCKER_7", ("--allow-untrusted",)),),
    "apt-get": (
        _Flag("CKV2_DOCKER_8", ("--allow-unauthenticated",)),
        _Flag("CKV2_DOCKER_11", ("--force-yes",)),
    ),
    "apt": (
        _Flag("CKV2_DOCKER_8", ("--allow-unauthenticated",)),
        _Flag("CKV2_DOCKER_11", ("--force-yes",)),
    ),
    "yum": _RPM,
    "dnf": _RPM,
    "rpm": (
        *_RPM,
        _Flag(
            "CKV2_DOCKER_10",
            ("--nodigest", "--nosignature", "--noverify", "--nofiledigest", "--nohdrchk"),
        ),
    ),
}
_VARIABLES: Final = {
    "PYTHONHTTPSVERIFY": ("CKV2_DOCKER_5", frozenset({"0"})),
    "NODE_TLS_REJECT_UNAUTHORIZED": ("CKV2_DOCKER_6", frozenset({"0"})),
    "NPM_CONFIG_STRICT_SSL": ("CKV2_DOCKER_12", frozenset({"false", "0", ""})),
    "npm_config_strict_ssl": ("CKV2_DOCKER_12", frozenset({"false", "0", ""})),
    "GIT_SSL_NO_VERIFY": ("CKV2_DOCKER_14", frozenset({"1", "true", "yes", "on"})),
    "PIP_TRUSTED_HOST": ("CKV2_DOCKER_16", None),
    "GOINSECURE": ("CKV2_DOCKER_18", None),
}
"""Variables with checkov's name and the values that switch verification off; None for any but nothing."""


_HINT: Final = lazily(
    r"(?i)-[a-z]*k|insecure|no-check|trusted|unauthenticated|force-yes|nogpg|nodigest|nosignature|noverify"
    r"|nofiledigest|nohdrchk|httpsverify|reject_unauthorized|strict[-_]ssl|ssl_?(?:no_)?verify"
)


def may_distrust(instruction: DockerInstruction) -> bool:
    """Say whether an instruction holds any word of which `unverified_by` knows."""
    said = instruction.said
    return _HINT.search(said.body) is not None or bool(said.bodies and _HINT.search(said.bodies))


def unverified_by(instruction: DockerInstruction) -> Iterator[Distrust]:
    """Yield what an ENV, an ARG or a RUN switches off."""
    if instruction.deed == "RUN":
        yield from _in_commands(instruction)
        return
    for pair in instruction.held.pairs:
        value = pair.value
        check = _check_of(pair.name.text, value.text if value is not None else "")
        if check and value is not None:
            name = f"`{pair.name.text}={value.text}`"
            yield Distrust(name, name, Span(pair.name.start, value.end), check, removable=False)


def _check_of(name: str, value: str) -> str:
    known = _VARIABLES.get(name)
    if known is None:
        return ""
    check, values = known
    off = value != "" if values is None else value.lower() in values
    return check if off else ""


def _in_commands(instruction: DockerInstruction) -> Iterator[Distrust]:
    managers = {id(one.command): one.manager for one in instruction.invocations}
    for command in instruction.commands:
        tool = managers.get(id(command), command.name.rpartition("/")[2])
        for flag in _FLAGS.get(tool, ()):
            yield from _flagged(instruction, command, flag)
        yield from _configured(instruction, command, tool)
        for assignment in command.assignments:
            check = _check_of(assignment.name, assignment.value)
            if check:
                yield _said(instruction, command, assignment.word.text, Span.of(assignment.word), check)
        if command.name == "export":
            for word in command.args:
                name, _, value = word.text.partition("=")
                check = _check_of(name, value)
                if check:
                    yield _said(instruction, command, word.text, Span.of(word), check)


def _said(
    instruction: DockerInstruction, command: ShellCommand, text: str, span: Span, check: str
) -> Distrust:
    return Distrust(f"`{text}`", f"`{text}`", instruction.span_of(span), check, removable=False)


def _flagged(instruction: DockerInstruction, command: ShellCommand, flag: _Flag) -> Iterator[Distrust]:
    words = command.args
    for at, word in enumerate(words):
        name, equals, _ = word.text.partition("=")
        cluster = bool(flag.letter) and word.text[:1] == "-" and word.text[1:].isalpha()
        if name not in flag.names and not (cluster and flag.letter in word.text and len(word.text) < 9):
            continue
        end = words[at + 1].end if flag.takes_value and not equals and at + 1 < len(words) else word.end
        span = instruction.span_of(Span(word.start, end))
        plain = name in flag.names
        yield Distrust(f"`{command.name} {name}`", f"`{name}`", span, flag.check, removable=plain)


def _configured(instruction: DockerInstruction, command: ShellCommand, tool: str) -> Iterator[Distrust]:
    """Yield what a command writes into a tool's configuration."""
    texts = command.texts[1:]
    check = ""
    if tool in ("npm", "yarn", "pnpm") and texts[:1] in (["config"], ["set"]):
        said = " ".join(texts).replace("=", " ").split()
        at = said.index("strict-ssl") if "strict-ssl" in said else -1
        check = "CKV2_DOCKER_13" if at >= 0 and said[at + 1 : at + 2] == ["false"] else ""
    elif tool == "git" and any("sslverify" in text.lower() for text in texts):
        said = " ".join(texts).lower().replace("=", " ").split()
        check = "CKV2_DOCKER_14" if said[-1] in _SSL_OFF or "http.sslverify false" in " ".join(said) else ""
    elif tool in ("yum", "dnf", "yum-config-manager"):
        off = any("sslverify=" in text and text.rpartition("=")[2].lower() in _SSL_OFF for text in texts)
        check = "CKV2_DOCKER_15" if off else ""
    if check:
        yield _said(instruction, command, " ".join(command.texts[:5]), Span.of(command), check)
