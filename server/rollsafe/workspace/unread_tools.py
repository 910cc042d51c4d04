"""Tools that deploy, and whose files nobody here reads, by the names of the files."""

from typing import Final

from rollsafe.text.patterns import lazily

_TOOLS: Final = (
    ("Skaffold", lazily(r"(^|/)skaffold[\w.-]*\.ya?ml\Z")),
    ("Cloud Build", lazily(r"(^|/)cloudbuild[\w.-]*\.(ya?ml|json)\Z")),
    (
        "Helmfile",
        lazily(r"(^|/)helmfile[\w.-]*\.ya?ml(\.gotmpl)?\Z|(^|/)helmfile\.d/[^/]+\.ya?ml(\.gotmpl)?\Z"),
    ),
    ("Bake", lazily(r"(^|/)docker-bake[\w.-]*\.(hcl|json)\Z")),
    ("Terraform", lazily(r"\.tf(\.json)?\Z|(^|/)terragrunt\.hcl\Z")),
    ("Nomad", lazily(r"\.nomad(\.hcl)?\Z")),
    ("Tilt", lazily(r"(^|/)Tiltfile\Z")),
    ("Earthly", lazily(r"(^|/)Earthfile\Z")),
    ("Jenkins", lazily(r"(^|/)Jenkinsfile[^/]*\Z")),
    ("Bicep", lazily(r"\.bicep\Z")),
    ("Pulumi", lazily(r"(^|/)Pulumi(\.[\w-]+)?\.ya?ml\Z")),
    ("Jsonnet", lazily(r"\.(jsonnet|libsonnet)\Z")),
    ("Kamal", lazily(r"(^|/)config/deploy(\.[\w-]+)?\.yml\Z")),
    ("Netlify", lazily(r"(^|/)netlify\.toml\Z")),
    ("DigitalOcean App Platform", lazily(r"(^|/)\.do/[^/]+\.ya?ml\Z")),
    ("AWS Copilot", lazily(r"(^|/)copilot/([^/]+/)+manifest\.ya?ml\Z")),
    ("Devspace", lazily(r"(^|/)devspace\.ya?ml\Z")),
    ("werf", lazily(r"(^|/)werf\.ya?ml\Z")),
    (
        "templates of Dockerfiles",
        lazily(
            r"(^|/)([Dd]ockerfile|[Cc]ontainerfile)[^/]*\.(j2|jinja2?|tmpl|tpl|template|gotmpl|erb|mustache|in)\Z"
        ),
    ),
)


def tool_of(path: str) -> str | None:
    """Return the tool that deploys by a file of this name; None where there is none, or it is read."""
    return next((tool for tool, pattern in _TOOLS if pattern.search(path) is not None), None)
