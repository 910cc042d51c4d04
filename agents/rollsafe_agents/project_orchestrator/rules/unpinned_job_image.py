"""A job runs in an image that can change under it.

## What it does
Reports images of job containers, services, `docker://` steps and Docker actions that are named without a digest, and
images that an expression names and nobody can tell.

## Why it matters
Whoever controls the image's repository, or has taken it over, decides what the next run executes next to the job's
secrets. With `latest`, or no tag, it changes by itself.

## Bad
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    container:
      image: python:latest  # <-
    steps:
      - run: make test
```

## Good
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    container:
      image: python@sha256:5f69f22a88dd4cc4ee1576def19aef48c8faa1b566054c44291183831cbad13b
    steps:
      - run: make test
```

## Fix
No automatic fix: the digest has to be looked up, for example with `docker buildx imagetools inspect`.

## References
- [zizmor: unpinned-images](https://docs.zizmor.sh/audits/#unpinned-images)

## Equivalent rules
- `zizmor:unpinned-images`
"""

from collections.abc import Iterator

from rollsafe.artefacts.expressions import Literal, context_path, outcomes, read_template
from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.formats.scalar_text import script_offsets
from rollsafe.rules import Confidence, Finding, Level, Severity, Span, rule
from rollsafe.text import Located


@rule(severity=Severity.WARNING, level=Level.PEDANTIC, since="0.1.0")
def check(part: Job | Step | CompositeAction) -> Iterator[Finding]:
    """Yield a finding for each image without a digest."""
    if isinstance(part, Step):
        if (
            not part.is_skipped
            and part.uses is not None
            and part.uses.is_image
            and isinstance(part.owner, Job)
        ):
            yield from _named(part.uses, part.uses.text.removeprefix("docker://"), "the step")
    elif isinstance(part, CompositeAction):
        image = part.node.at("runs", "image")
        if isinstance(image, Scalar) and image.text.startswith("docker://"):
            yield from _named(image, image.text.removeprefix("docker://"), "the action")
    else:
        yield from _of_job(part)


def _of_job(job: Job) -> Iterator[Finding]:
    if job.is_disabled:
        return
    container = job.fields.get("container")
    yield from _of_container(container, job, f"job `{job.id}`")
    for name, service in job.services.items():
        if isinstance(service, Mapping):
            yield from _of_container(service, job, f"service `{name}`")


def _of_container(node: Node | None, job: Job, whose: str) -> Iterator[Finding]:
    image = node.at("image") if isinstance(node, Mapping) else node
    if not isinstance(image, Scalar) or image.is_null:
        return
    if "${{" not in image.text:
        yield from _named(image, image.text, whose)
        return
    whole = read_template(image.text).whole
    if whole is None or whole.problems:
        yield from _named(image, image.text, whose)
        return
    at = script_offsets(job.file.text_for(image), image)
    leaves = list(outcomes(whole.root))
    for leaf in leaves:
        place: Located = image if len(leaves) == 1 else Span(at(leaf.start), at(leaf.end))
        if isinstance(leaf, Literal) and isinstance(leaf.value, str):
            yield from _named(place, leaf.value, whose)
            continue
        path = context_path(leaf)
        if path is None or path[0] != "matrix" or len(path) < 2:
            yield _unknown(place, whose)
        else:
            yield from _of_matrix(place, path, job, whose)


def _of_matrix(place: Located, path: tuple[str, ...], job: Job, whose: str) -> Iterator[Finding]:
    matrix = job.matrix
    if matrix is None:
        return
    if not isinstance(matrix.node, Mapping):
        yield _unknown(place, whose)
        return
    is_open = False
    for value in _values(matrix.node, path):
        if value is None or "${{" in value:
            is_open = is_open or value is None
        else:
            yield from _named(place, value, whose)
    if is_open:
        yield _unknown(place, whose)


def _values(matrix: Mapping, path: tuple[str, ...]) -> Iterator[str | None]:
    """Yield the texts an access of the matrix may stand for; None for more that nobody knows."""
    for key, node in matrix.pairs():
        if key.lower() not in (path[1], "include"):
            continue
        if isinstance(node, Scalar) and "${{" in node.text:
            yield None
        rest = path[1:] if key == "include" and path[1] != "include" else path[2:]
        for item in node.items_at():
            found: Node | None = item
            for name in rest:
                found = _entry(found, name)
            if isinstance(found, Scalar) and not found.is_null:
                yield found.text


def _entry(node: Node | None, name: str) -> Node | None:
    if not isinstance(node, Mapping):
        return None
    return next((value for key, value in node.pairs() if key.lower() == name), None)


def _named(place: Located, image: str, whose: str) -> Iterator[Finding]:
    if not image or "@sha256:" in image:
        return
    tag = image.rpartition("/")[2].partition(":")[2]
    how = f"by the tag `{tag}`" if tag else "without a tag"
    yield Finding(
        place,
        f"{whose} runs the image `{image}`, named {how}",
        severity=Severity.INFO if tag and tag != "latest" else None,
    )


def _unknown(place: Located, whose: str) -> Finding:
    return Finding(
        place,
        f"which image {whose} runs is only known when it runs",
        severity=Severity.INFO,
        confidence=Confidence.LOW,
    )
