"""What BuildKit's parser refuses in an instruction it knows: flags, numbers of arguments, their form.

Judged as written, before variables are put in: the parser runs before anything has a value.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.dockerfile.signals import is_signal
from rollsafe.formats.dockerfile_nodes import Flag, Instruction
from rollsafe.formats.dockerfile_words import Word
from rollsafe.text import Edit, Span
from rollsafe.text.tuples import NamedTuple

_COPY: Final = frozenset({"chmod", "chown", "exclude", "link"})
_FLAGS: Final = {
    "ADD": _COPY | {"checksum", "keep-git-dir", "unpack"},
    "COPY": _COPY | {"from", "parents"},
    "FROM": frozenset({"platform"}),
    "HEALTHCHECK": frozenset({"interval", "retries", "start-interval", "start-period", "timeout"}),
    "RUN": frozenset({"device", "mount", "network", "security"}),
}
_SWITCHES: Final = frozenset({"keep-git-dir", "link", "parents", "unpack"})
_REPEATED: Final = frozenset({"device", "exclude", "mount"})
_DURATIONS: Final = frozenset({"interval", "start-interval", "start-period", "timeout"})
_VALUES: Final = {
    "network": frozenset({"default", "host", "none"}),
    "security": frozenset({"insecure", "sandbox"}),
}
_MOUNTS: Final = frozenset({"bind", "cache", "secret", "ssh", "tmpfs"})
_STAGE_NAME: Final = re.compile(r"[a-z][a-z0-9_.-]*\Z", re.I)
_PORT: Final = re.compile(r"\d+(?:-\d+)?(?:/(?:tcp|udp|sctp))?\Z", re.I)
_QUOTED: Final = frozenset({"ADD", "ARG", "COPY", "ENV", "LABEL", "USER", "VOLUME", "WORKDIR"})


class Refusal(NamedTuple):
    """Where and why no builder takes an instruction; `edit` writes what was meant, as `title` says.

    `breaks_shape` tells that other readers of Dockerfiles stop here too; else only the builder's own does.
    """

    span: Span
    message: str
    title: str | None = None
    edit: Edit | None = None
    breaks_shape: bool = True


def refusals(node: Instruction) -> Iterator[Refusal]:
    """Yield what the parser refuses; the first fault of an argument only, as the parser stops there."""
    yield from _flag_faults(node)
    judge = _JUDGES.get(node.keyword)
    found = list(judge(node)) if judge is not None else []
    yield from found
    if not found and node.keyword in _QUOTED and not node.heredocs and node.exec_form is None:
        yield from _open_quote(node)


def _flag_faults(node: Instruction) -> Iterator[Refusal]:
    known = _FLAGS.get(node.keyword, frozenset())
    seen: set[str] = set()
    for flag in node.flags:
        written = f"`--{flag.name}`"
        if flag.name not in known:
            yield _unknown_flag(node, flag, known)
        elif flag.name in seen and flag.name not in _REPEATED:
            yield Refusal(_of(flag), f"{written} of `{node.keyword}` is written twice")
        elif flag.value is None and flag.name not in _SWITCHES:
            yield Refusal(_of(flag), f"{written} of `{node.keyword}` has no value", breaks_shape=False)
        else:
            yield from _value_faults(flag)
        seen.add(flag.name)


def _unknown_flag(node: Instruction, flag: Flag, known: frozenset[str]) -> Refusal:
    from difflib import get_close_matches  # only mistakes need it

    span = Span(flag.start, flag.start + len("--") + len(flag.name))
    near = get_close_matches(flag.name[:40].lower(), sorted(known), n=1, cutoff=0.7)
    message = f"`{node.keyword}` has no flag `--{flag.name[:40]}`"
    breaks_shape = bool(known) and node.keyword != "RUN"
    if not near:
        return Refusal(span, message, breaks_shape=breaks_shape)
    edit = Edit(span, f"--{near[0]}")
    return Refusal(span, message, f"Write `--{near[0]}`", edit, breaks_shape=breaks_shape)


def _value_faults(flag: Flag) -> Iterator[Refusal]:
    value = flag.value or ""
    allowed = _VALUES.get(flag.name)
    if flag.name in _SWITCHES:
        if value and value.lower() not in ("true", "false"):
            message = f"`--{flag.name}` is `true` or `false`, not `{value[:40]}`"
            yield Refusal(_of(flag), message, breaks_shape=False)
    elif allowed is not None:
        if value not in allowed and "$" not in value:
            names = ", ".join(f"`{one}`" for one in sorted(allowed))
            yield Refusal(_of(flag), f"`--{flag.name}` is one of {names}, not `{value[:40]}`")
    elif flag.name in _DURATIONS and value.isdecimal() and int(value):
        edit = Edit(Span.at(flag.end), "s")
        yield Refusal(_of(flag), f"`--{flag.name}={value}` has no unit", f"Write `{value}s`", edit)
    elif flag.name == "mount":
        yield from _mount_faults(flag, value)


def _mount_faults(flag: Flag, value: str) -> Iterator[Refusal]:
    if '"' in value:
        return
    for field in value.split(","):
        key, _, said = field.partition("=")
        if key.lower() == "type" and said.lower() not in _MOUNTS and "$" not in said:
            names = ", ".join(f"`{one}`" for one in sorted(_MOUNTS))
            yield Refusal(_of(flag), f"`type` of `--mount` is one of {names}, not `{said[:40]}`")
            return


def _from(node: Instruction) -> Iterator[Refusal]:
    words = node.words
    names_stage = len(words) > 1 and words[1].text.upper() == "AS"
    if len(words) == 3 and names_stage:
        if _STAGE_NAME.match(words[2].text) is None:
            yield Refusal(
                _of(words[2]),
                f"`{words[2].text[:60]}` is no name for a stage: a letter, then letters, digits and `_.-`",
                breaks_shape=False,
            )
    elif len(words) > 1:
        yield from _too_much(node, words, 3 if names_stage else 1)


def _too_much(node: Instruction, words: tuple[Word, ...], known: int) -> Iterator[Refusal]:
    if len(words) == known:
        yield Refusal(_of(words[-1]), "`FROM` ends with `AS` and names no stage")
        return
    if len(words) < known:
        yield Refusal(_of(words[-1]), "`AS` of `FROM` is followed by no name")
        return
    spare = words[known]
    if spare.text.startswith("#"):
        yield Refusal(Span(spare.start, node.end), f"`{node.keyword}` reads this comment as arguments")
        return
    title = edit = None
    if len(words) == 2 and _STAGE_NAME.match(spare.text) is not None:
        title, edit = f"Name the stage `{spare.text}`", Edit(Span.at(spare.start), "AS ")
    yield Refusal(
        _of(spare), f"`FROM` takes an image and `AS` with a name, not `{spare.text[:60]}`", title, edit
    )


def _pairs(node: Instruction) -> Iterator[Refusal]:
    for pair in node.pairs:
        name = pair.name.text
        if not name:
            yield Refusal(
                _of(pair.name), f"`{node.keyword}` sets something without a name", breaks_shape=False
            )
        elif pair.value is None and node.keyword != "ARG":
            spoken = "a comment, which is read as arguments" if name.startswith("#") else f"`{name[:60]}`"
            yield Refusal(_of(pair.name), f"`{node.keyword}` gives no value to {spoken}")
            return


def _copy(node: Instruction) -> Iterator[Refusal]:
    words = node.words
    if len(words) == 1 and not node.heredocs:
        yield Refusal(_of(words[0]), f"`{node.keyword} {words[0].text[:60]}` names no destination")


def _health(node: Instruction) -> Iterator[Refusal]:
    kind, words = node.health_kind, node.words
    if kind is None and words:
        first = words[0]
        edit = Edit(Span.at(first.start), "CMD ") if node.exec_form is None else None
        title = "Write `CMD` in front" if edit is not None else None
        message = f"`HEALTHCHECK` begins with `CMD` or `NONE`, not `{first.text[:60]}`"
        yield Refusal(_of(first), message, title, edit)
    elif kind == "NONE" and len(words) > 1:
        yield Refusal(_of(words[1]), "`HEALTHCHECK NONE` takes no arguments")
    elif kind == "CMD" and node.exec_form is None and len(words) == 1:
        yield Refusal(_of(words[0]), "`HEALTHCHECK CMD` names no command")


def _signal(node: Instruction) -> Iterator[Refusal]:
    word = node.argument
    if word is not None and "$" not in word.text and not is_signal(word.text.strip("\"'")):
        yield Refusal(_of(word), f"`STOPSIGNAL {word.text[:60]}` names no signal", breaks_shape=False)


def _shell(node: Instruction) -> Iterator[Refusal]:
    word = node.argument
    if word is not None and node.exec_form is None:
        plain = node.words if not set(word.text) & set("\"'[]\\`") else ()
        items = ", ".join(f'"{one.text}"' for one in plain)
        edit = Edit(_of(word), f"[{items}]") if plain else None
        title = "Write it as JSON" if edit is not None else None
        yield Refusal(_of(word), '`SHELL` is written as JSON: `["/bin/bash", "-c"]`', title, edit)


def _expose(node: Instruction) -> Iterator[Refusal]:
    for word in node.words:
        if word.text.startswith("#"):
            yield Refusal(Span(word.start, node.end), "`EXPOSE` reads this comment as ports")
            return
        is_judged_elsewhere = "$" in word.text or ":" in word.text
        if not is_judged_elsewhere and _PORT.match(word.text) is None:
            yield Refusal(_of(word), f"`EXPOSE {word.text[:60]}` names no port")


def _open_quote(node: Instruction) -> Iterator[Refusal]:
    if "'" not in node.body and '"' not in node.body:
        return
    word = node.argument
    if word is None:
        return
    text = node.body[word.start - node.start : word.end - node.start]
    if "${" in text:
        return
    at = _unclosed(text, node.said.escape)
    if at is not None and (node.keyword != "ARG" or "=" in _last_word(text[:at])):
        span = Span(word.start + at, word.end)
        message = f"the quote `{text[at]}` of this `{node.keyword}` is not closed"
        yield Refusal(span, message, breaks_shape=text[at] == '"')


def _last_word(text: str) -> str:
    """Return the word that goes on behind `text`; empty when one begins there."""
    return text.rsplit(None, 1)[-1] if text and not text[-1].isspace() else ""


def _unclosed(text: str, escape: str) -> int | None:
    """Return where a quote opens that nothing closes; an escape counts everywhere but in single quotes."""
    opened: int | None = None
    at = 0
    while at < len(text):
        letter = text[at]
        if letter == escape and (opened is None or text[opened] == '"'):
            at += 2
            continue
        if opened is None and letter in "\"'":
            opened = at
        elif opened is not None and letter == text[opened]:
            opened = None
        at += 1
    return opened


def _of(part: Flag | Word) -> Span:
    return Span(part.start, part.end)


_JUDGES: Final = {
    "ADD": _copy,
    "ARG": _pairs,
    "COPY": _copy,
    "ENV": _pairs,
    "EXPOSE": _expose,
    "FROM": _from,
    "HEALTHCHECK": _health,
    "LABEL": _pairs,
    "SHELL": _shell,
    "STOPSIGNAL": _signal,
}
