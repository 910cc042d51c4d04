"""Actions that restore a cache, and actions that publish what was built: facts from their `action.yml`."""

from typing import Final

from rollsafe.artefacts.recognition.switches import ALWAYS, All, Any, Older, Switch, Test

CACHES: Final[dict[str, Test]] = {
    "actions-rust-lang/setup-rust-toolchain": Switch("cache", default=True),
    "actions/cache": Switch("lookup-only", default=True, opposite=True),
    "actions/setup-dotnet": Switch("cache"),
    "actions/setup-go": Switch("cache", default=True),
    "actions/setup-java": Switch("cache", is_text=True),
    "actions/setup-node": Any(
        (
            Switch("cache", values=("npm", "yarn", "pnpm")),
            Switch("package-manager-cache", default=True),
        )
    ),
    "actions/setup-python": Switch("cache", is_text=True),
    "astral-sh/setup-uv": Any(
        (
            Switch("enable-cache", values=("true",)),
            All((Older(10), Switch("enable-cache", default=True))),
        )
    ),
    "awalsh128/cache-apt-pkgs-action": ALWAYS,
    "determinatesystems/magic-nix-cache-action": Switch("use-gha-cache", default=True),
    "docker/setup-buildx-action": All(
        (Switch("cache-binary", default=True), Switch("version", is_text=True))
    ),
    "graalvm/setup-graalvm": Switch("cache", is_text=True),
    "gradle/actions/setup-gradle": Switch("cache-disabled", default=True, opposite=True),
    "jdx/mise-action": Switch("cache", default=True),
    "mlugg/setup-zig": Switch("use-cache", default=True),
    "mozilla-actions/sccache-action": ALWAYS,
    "nix-community/cache-nix-action": ALWAYS,
    "oven-sh/setup-bun": Switch("no-cache", default=True, opposite=True),
    "pnpm/setup": Switch("cache"),
    "pyo3/maturin-action": Switch("sccache"),
    "ramsey/composer-install": Switch(
        "ignore-cache", default=True, opposite=True, values=("yes", "true", "1")
    ),
    "ruby/setup-ruby": Switch("bundler-cache"),
    "swatinem/rust-cache": Switch("lookup-only", default=True, opposite=True),
}
"""What says whether a step restores a cache, by the action's lower-case name."""

CACHE_INPUTS: Final[dict[str, tuple[str, str]]] = {
    name: (test.input, "true" if test.opposite else "false")
    for name, test in CACHES.items()
    if isinstance(test, Switch) and not test.is_text and not test.values
} | {
    "actions/setup-node": ("package-manager-cache", "false"),
    "astral-sh/setup-uv": ("enable-cache", "false"),
}
"""The input that switches the cache off, and its value."""

PUBLISHERS: Final[dict[str, Test]] = {
    "aws-actions/amazon-ecs-deploy-task-definition": ALWAYS,
    "aws-actions/aws-cloudformation-github-deploy": ALWAYS,
    "azure/aci-deploy": ALWAYS,
    "azure/container-apps-deploy-action": ALWAYS,
    "azure/functions-action": ALWAYS,
    "azure/sql-action": ALWAYS,
    "cloudflare/wrangler-action": ALWAYS,
    "docker/build-push-action": Switch("push", default=True),
    "google-github-actions/deploy-appengine": ALWAYS,
    "google-github-actions/deploy-cloud-functions": ALWAYS,
    "google-github-actions/deploy-cloudrun": ALWAYS,
    "googleapis/release-please-action": ALWAYS,
    "goreleaser/goreleaser-action": ALWAYS,
    "jreleaser/release-action": ALWAYS,
    "pypa/gh-action-pypi-publish": ALWAYS,
    "redhat-actions/push-to-registry": ALWAYS,
    "release-drafter/release-drafter": ALWAYS,
    "rubygems/release-gem": ALWAYS,
    "softprops/action-gh-release": ALWAYS,
}
"""What says whether a step publishes, by the action's lower-case name."""
