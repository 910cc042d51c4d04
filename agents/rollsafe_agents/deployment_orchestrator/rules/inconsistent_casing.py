"""A Dockerfile is written in two ways at once.

## What it does
Reports keywords in another case than most of the file, `as` in another case than its `FROM`, stage names with capitals,
and protocols of `EXPOSE` in capitals.

## Why it matters
Whoever searches the file for `COPY` or a stage's name overlooks what is spelled in another way.

## Bad
```dockerfile title="Dockerfile"
FROM golang:1.23.2 as build  # <-
RUN go build -o /shop ./cmd/shop
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /shop /shop
```

## Good
```dockerfile title="Dockerfile"
FROM golang:1.23.2 AS build
RUN go build -o /shop ./cmd/shop
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /shop /shop
```

## Fix
Writes it like the rest. Builders make no difference.

## References
- [BuildKit: ConsistentInstructionCasing](https://docs.docker.com/reference/build-checks/consistent-instruction-casing/)
- [BuildKit: FromAsCasing](https://docs.docker.com/reference/build-checks/from-as-casing/)
- [BuildKit: StageNameCasing](https://docs.docker.com/reference/build-checks/stage-name-casing/)
- [BuildKit: ExposeProtoCasing](https://docs.docker.com/reference/build-checks/expose-proto-casing/)

## Equivalent rules
- `buildkit:ConsistentInstructionCasing`
- `buildkit:FromAsCasing`
- `buildkit:StageNameCasing`
- `buildkit:ExposeProtoCasing`
"""

from collections.abc import Iterator

from rollsafe.artefacts.dockerfile import Dockerfile, Stage
from rollsafe.formats.dockerfile_nodes import KEYWORDS
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule


@rule(severity=Severity.HINT, since="0.1.0", level=Level.AUDITOR, fix=Safety.SAFE)
def check(dockerfile: Dockerfile) -> Iterator[Finding]:
    """Yield a finding for each word in another case than the rest."""
    yield from _keywords(dockerfile)
    for stage in dockerfile.stages:
        yield from _stage(stage)
        for instruction in stage.all("EXPOSE"):
            for word in instruction.words if "/" in instruction.node.body else ():
                port, slash, protocol = word.text.partition("/")
                if slash and protocol != protocol.lower() and "$" not in word.text:
                    edited = f"{port}/{protocol.lower()}"
                    yield _finding(Span.of(word), word.text, edited, "ExposeProtoCasing")


def _keywords(dockerfile: Dockerfile) -> Iterator[Finding]:
    text = dockerfile.file.text
    known = [one for one in dockerfile.tree.instructions if one.keyword in KEYWORDS]
    keywords = [one.keyword for one in known]
    words = [text[one.start : one.start + len(one.keyword)] for one in known]
    upper = sum(map(str.isupper, words)) * 2 >= len(words)
    all_wanted = keywords if upper else [keyword.lower() for keyword in keywords]
    if words == all_wanted:
        return
    for one, word, wanted in zip(known, words, all_wanted, strict=True):
        if word != wanted:
            yield _finding(one.keyword_span, word, wanted, "ConsistentInstructionCasing")


def _stage(stage: Stage) -> Iterator[Finding]:
    name, texts = stage.name, stage.from_instruction.node.texts
    if name is None:
        return
    keyword = stage.file.slice(stage.from_instruction.keyword_span)
    wanted = texts[1].upper() if keyword.isupper() else texts[1].lower()
    if texts[1] != wanted:
        yield _finding(Span.of(stage.from_instruction.words[1]), texts[1], wanted, "FromAsCasing")
    if name != name.lower():
        yield _finding(Span.of(stage.from_instruction.words[2]), name, name.lower(), "StageNameCasing")


def _finding(span: Span, word: str, wanted: str, check: str) -> Finding:
    return Finding(
        span,
        f"`{word}` is written in another case than the rest",
        fixes=(Fix(f"Write `{wanted}`", Safety.SAFE, edits=(Edit(span, wanted),)),),
        equivalents=(f"buildkit:{check}",),
    )
