"""Which images are of the registries a project lists."""

import pytest

from tests.checking import check_rule

MANIFEST = """\
apiVersion: v1
kind: Pod
metadata: {{name: a}}
spec:
  containers:
    - name: a
      image: {image}
"""


def told(registries: str, path: str, text: str) -> list[str]:
    files = {"rollsafe.toml": f"[images]\nregistries = [{registries}]\n", path: text}
    return [one.message for one in check_rule("image-from-foreign-registry", files)]


@pytest.mark.parametrize(
    ("registries", "image", "is_found"),
    [
        ("'ghcr.io'", "ghcr.io/acme/web:1.0", False),
        ("'ghcr.io/acme'", "ghcr.io/acme/web:1.0", False),
        ("'ghcr.io/acme'", "ghcr.io/acme-tools/web:1.0", True),
        ("'ghcr.io/acme'", "ghcr.io/other/web:1.0", True),
        ("'*.acme.example'", "hub.acme.example/web:1.0", False),
        ("'*.acme.example'", "acme.example.evil.example/web:1.0", True),
        ("'docker.io'", "debian:12.5", False),
        ("'docker.io/library'", "docker.io/library/debian:12.5", False),
        ("'ghcr.io'", "debian:12.5", True),
        ("'registry.example:5000'", "registry.example:5000/web:1.0", False),
        ("", "anywhere.example/web:1.0", False),
        ("'ghcr.io'", "$(REGISTRY)/web:1.0", False),
    ],
)
def test_images_of_manifests(registries: str, image: str, is_found: bool) -> None:
    assert bool(told(registries, "k8s/a.yaml", MANIFEST.format(image=image))) is is_found


def test_images_that_are_filled_in_or_built() -> None:
    compose = "services:\n  web: {build: ., image: web}\n  db: {image: 'postgres:17.2'}\n"
    assert told("'ghcr.io'", "compose.yaml", compose) == [
        "service `db` takes `postgres` from `docker.io`, which is none of the project's registries"
    ]


def test_everything_an_image_is_made_of() -> None:
    lines = (
        "ARG HUB=ghcr.io/acme",
        "FROM $HUB/go:1.25.4 AS build",
        "RUN --mount=type=bind,from=other.example/tools:1.2,target=/t make",
        "FROM scratch",
        "COPY --from=build /a /a",
        "COPY --from=more.example/b:1.0 /b /b",
    )
    found = told("'ghcr.io/acme'", "Dockerfile", "\n".join(lines) + "\n")
    assert [one.split("`")[-2] for one in found] == ["other.example", "more.example"]
