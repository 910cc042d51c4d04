"""Kustomizations: what they name, what they change, and what they leave out."""

import pytest

from tests.checking import check_rule, fix, stable_rules

BASE = {
    "k8s/base/kustomization.yaml": "resources:\n  - web.yaml\n",
    "k8s/base/web.yaml": """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example/shop/web:1.0.0
""",
}
PATCH = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: NAME}\nspec: {replicas: 3}\n"


def told(rule: str, overlay: str, **files: str) -> list[tuple[str, int]]:
    """Return path and line of what a rule says of an overlay; `files` lie beside it as YAML."""
    beside = {f"k8s/production/{name}.yaml": text for name, text in files.items()}
    project = {**BASE, "k8s/production/kustomization.yaml": overlay, **beside}
    return [(one.path.rpartition("/")[2], one.line) for one in check_rule(rule, project)]


def changes(overlay: str, **files: str) -> list[int]:
    """Return the lines of an overlay of the base that change nothing."""
    text = f"resources:\n  - ../base\n{overlay}"
    return [line for _, line in told("override-without-target", text, **files)]


@pytest.mark.parametrize(
    ("name", "lines"),
    [("web", []), ("shop-web", []), ("shop-.*", []), ("we", [5]), ("wb", [5]), ("", [])],
)
def test_a_patch_is_for_names_before_and_after_a_prefix_of_its_base(name: str, lines: list[int]) -> None:
    files = {
        **BASE,
        "k8s/base/kustomization.yaml": "resources:\n  - web.yaml\nnamePrefix: shop-\n",
        "k8s/production/kustomization.yaml": "resources:\n  - ../base\npatches:\n  - target:\n"
        f"      name: '{name}'\n    patch: '[]'\n",
    }
    assert [one.line for one in check_rule("override-without-target", files)] == lines


@pytest.mark.parametrize(
    ("overlay", "lines"),
    [
        ("images:\n  - name: registry.example/shop/web\n    newTag: 1.1.0\n", []),
        ("images:\n  - name: registry.example/shop/wbe\n    newTag: 1.1.0\n", [4]),
        ("images:\n  - name: web\n    newTag: 1.1.0\n", [4]),
        ("images:\n  - name: ${IMAGE}\n    newTag: 1.1.0\n", []),
        (
            "images:\n  - {name: registry.example/shop/web, newName: b/web}\n  - {name: b/web, newTag: 2}\n",
            [],
        ),
        ("replicas:\n  - name: web\n    count: 3\n", []),
        ("replicas:\n  - name: wbe\n    count: 3\n", [4]),
        ("configMapGenerator:\n  - name: cfg\n    behavior: merge\n    literals: [A=b]\n", [4]),
        ("configMapGenerator:\n  - name: cfg\n    literals: [A=b]\n", []),
        ("  - https://example.org/base?ref=v1\nreplicas:\n  - name: other\n    count: 3\n", []),
        ("transformers:\n  - more.yaml\nreplicas:\n  - name: other\n    count: 3\n", []),
    ],
)
def test_overrides_reach_what_is_built(overlay: str, lines: list[int]) -> None:
    assert changes(overlay) == lines


def test_a_patch_in_a_file_is_told_where_it_is_listed() -> None:
    listing = "patches:\n  - path: more.yaml\n"
    assert changes(listing, more=PATCH.replace("NAME", "web")) == []
    assert changes(listing, more=PATCH.replace("NAME", "website")) == [4]
    assert changes(listing, more="- op: add\n") == []


def test_a_patch_may_bring_the_image_that_is_overridden() -> None:
    sidecar = PATCH.replace("NAME", "web") + "# image: registry.example/proxy\n"
    images = "images:\n  - name: registry.example/proxy\n    newTag: 1.1.0\n"
    assert changes(images + "patches:\n  - path: more.yaml\n", more=sidecar) == []
    assert changes(images) == [4]


def test_a_component_is_not_judged_by_itself() -> None:
    component = "kind: Component\nreplicas:\n  - name: other\n    count: 3\n"
    assert told("override-without-target", component) == []


@pytest.mark.parametrize(
    ("overlay", "lines"),
    [
        ("resources:\n  - ../base\n  - ../../../outside\n", []),
        ("resources:\n  - ../bose\n", [2]),
        ("resources:\n  - ../base/\n  - github.com/shop/base?ref=v1\n  - ${BASE}\n", []),
        ("resources:\n  - ../../k8s\n", [2]),
        ("secretGenerator:\n  - name: a\n    envs: [secrets.env]\n", []),
        ("configMapGenerator:\n  - name: a\n    files: [app.properties]\n", [3]),
        ("replacements:\n  - path: gone.yaml\n", [2]),
        ("patches:\n  - path: gone.yaml\n", [2]),
    ],
)
def test_files_a_kustomization_names(overlay: str, lines: list[int]) -> None:
    assert [line for _, line in told("missing-kustomize-file", overlay)] == lines


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "commonLabels:\n  app: web\n  # who is asked\n  team: shop\n",
            "labels:\n  - pairs:\n      app: web\n      # who is asked\n      team: shop\n"
            "    includeSelectors: true\n",
        ),
        (
            "patchesStrategicMerge:\n- a.yaml  # why\n- |-\n    kind: Service\n",
            "patches:\n- path: a.yaml  # why\n- patch: |-\n    kind: Service\n",
        ),
        ("patchesStrategicMerge:\n- |-\n  kind: Service\n", None),
        ("patchesStrategicMerge: [a.yaml]\n", None),
        ("patches: []\npatchesJson6902: []\n", None),
        ("vars: []\n", None),
    ],
)
def test_deprecated_fields_are_written_anew(before: str, after: str | None) -> None:
    rule = next(one for one in stable_rules() if one.name == "deprecated-kustomize-field")
    path = "k8s/kustomization.yaml"
    assert check_rule(rule.name, {path: before})
    fixed, _ = fix({path: before}, rule)
    assert fixed[path] == (after or before)


def test_a_manifest_that_is_commented_out_is_left_out_on_purpose() -> None:
    listed = "resources:\n  - one.yaml\n  - two.yaml\n"
    files = {name: PATCH.replace("NAME", name) for name in ("one", "two", "three")}
    assert told("manifest-left-out", listed, **files) == [("three.yaml", 3)]
    assert told("manifest-left-out", f"{listed}  # - three.yaml\n", **files) == []
    elsewhere = {"k8s/base/kustomization.yaml": "resources:\n  - ../production/three.yaml\n"}
    project = {f"k8s/production/{name}.yaml": text for name, text in files.items()}
    project["k8s/production/kustomization.yaml"] = listed
    assert check_rule("manifest-left-out", {**project, **elsewhere}) == []
