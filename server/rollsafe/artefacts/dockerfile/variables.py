"""Variables of a build: which an instruction uses, and which are set where it stands."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.dockerfile.elements import DockerInstruction
from rollsafe.artefacts.dockerfile.stages import Stage
from rollsafe.formats.interpolation import DollarEscape, read_references
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

PREDEFINED: Final = frozenset(
    {
        *("PATH", "HOME", "USER", "HOSTNAME", "PWD", "SHELL", "TERM", "SOURCE_DATE_EPOCH"),
        *("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY", "ftp_proxy"),
        *("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"),
    }
)
"""Variables that every build has."""

BUILDER_SET: Final = frozenset(
    {
        *("TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT"),
        *("BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT"),
    }
)
"""Variables that BuildKit gives a value to, in `FROM` and in stages that declare them by `ARG`."""

BROUGHT: Final = {
    "cuda": ("CUDA_VERSION",),
    "golang": ("GOLANG_VERSION", "GOPATH"),
    "haproxy": ("HAPROXY_VERSION",),
    "nginx": ("NGINX_VERSION",),
    "node": ("NODE_VERSION", "YARN_VERSION"),
    "php": ("PHP_VERSION",),
    "python": ("PYTHON_VERSION",),
    "ruby": ("RUBY_VERSION",),
    "rust": ("RUST_VERSION", "CARGO_HOME", "RUSTUP_HOME"),
}
"""Variables that images known by name set themselves."""

_VARIABLE = lazily(r"\$\{[^{}]*\}|\$\w+")

_EXPANDING: Final = frozenset(
    {"FROM", "ADD", "COPY", "ENV", "EXPOSE", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}
)


class Use(NamedTuple):
    """A variable as it is used at `span`; `has_default` tells that it may be unset."""

    name: str
    span: Span
    name_span: Span
    has_default: bool


def uses_in(instruction: DockerInstruction) -> Iterator[Use]:
    """Yield the variables the builder replaces in an instruction, of a RUN those its shell replaces."""
    node = instruction.node
    in_shell = node.keyword == "RUN" and node.script is not None
    if "$" not in node.body or not (in_shell or node.keyword in _EXPANDING):
        return
    single = _single_quoted(node.body) if "'" in node.body else []
    for found in read_references(node.body, DollarEscape.BACKSLASH).found:
        if any(start < found.start < end for start, end in single):
            continue
        span = Span(node.start + found.start, node.start + found.end)
        name = found.name_span
        yield Use(
            found.name, span, Span(node.start + name.start, node.start + name.end), bool(found.operator)
        )


_QUOTED: Final = lazily(r"\"(?:[^\"\\]|\\.)*+\"|\\.|'(?P<single>[^']*+)'", re.S)


def _single_quoted(body: str) -> list[tuple[int, int]]:
    """Return what stands between single quotes outside of double ones."""
    return [match.span() for match in _QUOTED.finditer(body) if match["single"] is not None]


def inherited_by(stage: Stage) -> frozenset[str]:
    """Return the variables a stage begins with: those of the stages it builds on, and of the base image."""
    bases = [*stage.lineage[1:], *(below for one in _possible_bases(stage.root) for below in one.lineage)]
    above = (one for base in bases for keyword in ("ENV", "ARG") for one in base.all(keyword))
    image = stage.root.image
    brought = BROUGHT.get(image.name, ()) if image is not None else ()
    return frozenset((*brought, *(pair.name.text for one in above for pair in one.pairs)))


def _possible_bases(stage: Stage) -> Iterator[Stage]:
    """Yield the stages that a base with a variable, such as `base-${TARGETARCH}`, may stand for."""
    word = stage.base_word
    if word is None or stage.base_text is not None:
        return
    first, *_, last = _VARIABLE.split(word.text.lower())
    for one in stage.dockerfile.stages[: stage.index]:
        name = (one.name or "").lower()
        if name and name.startswith(first) and name.endswith(last):
            yield one


def assigned_in(instruction: DockerInstruction, name: str) -> bool:
    """Say whether the script of a RUN may give the variable a value itself."""
    script = instruction.node.script
    pattern = (
        rf"\b{re.escape(name)}\+?=|\bread\b|\bfor\s+{re.escape(name)}\b|\bsource\s|(?:^|[\s;&])\.\s|\beval\b"
    )
    return script is not None and re.search(pattern, script.text) is not None
