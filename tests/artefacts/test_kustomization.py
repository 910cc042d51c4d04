"""Kustomizations: what they name, where that is, and what they change."""

import pytest

from rollsafe.artefacts.kubernetes import Kustomization
from tests.artefacts.kubernetes_files import only, source_of, view

API = "apiVersion: kustomize.config.k8s.io"
TEXT = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: shop
namePrefix: prod-
nameSuffix: -v2
resources:
  - ../../base
  - extra.yaml
  - https://github.test/org/repo//deploy?ref=v1
  - github.com/org/repo
  - ../../../../outside
bases: [../old]
components: [../../components/tls]
commonLabels: {team: a}
labels:
  - {pairs: {env: prod}, includeSelectors: true}
  - {pairs: {note: x}}
patches:
  - path: replicas.yaml
    target: {kind: Deployment, name: web}
  - patch: |-
      - op: remove
        path: /spec/replicas
    target: {kind: Deployment}
patchesStrategicMerge:
  - probe.yaml
  - |-
    apiVersion: v1
    kind: Service
    metadata: {name: web}
images:
  - {name: shop/web, newName: registry.test/web, newTag: "1.5"}
  - {name: redis, digest: "sha256:0"}
  - {newTag: orphan}
replicas:
  - {name: web, count: 5}
configMapGenerator:
  - name: conf
    literals: [LEVEL=info, EMPTY=]
    files: [app.ini, key=other.ini]
    envs: [.env.prod]
  - {name: fixed, behavior: merge, options: {disableNameSuffixHash: true}}
secretGenerator:
  - {name: keys, literals: [db-password=hunter2]}
"""


@pytest.fixture
def prod() -> Kustomization:
    return only(Kustomization, TEXT, "deploy/overlays/prod/kustomization.yaml")


def test_paths_are_resolved_within_the_project(prod: Kustomization) -> None:
    assert [(entry.text, entry.path, entry.is_remote) for entry in prod.resources] == [
        ("../../base", "deploy/base", False),
        ("extra.yaml", "deploy/overlays/prod/extra.yaml", False),
        ("https://github.test/org/repo//deploy?ref=v1", None, True),
        ("github.com/org/repo", None, True),
        ("../../../../outside", None, False),
        ("../old", "deploy/overlays/old", False),
    ]
    assert source_of(prod, prod.resources[1].node) == "extra.yaml"
    assert [entry.path for entry in prod.components] == ["deploy/components/tls"]


def test_names_and_labels(prod: Kustomization) -> None:
    assert (prod.namespace, prod.name_prefix, prod.name_suffix) == ("shop", "prod-", "-v2")
    assert prod.selector_labels == {"team": "a", "env": "prod"}


def test_patches_in_files_and_in_place(prod: Kustomization) -> None:
    found = [
        (patch.field, patch.file.path if patch.file else None, patch.target_kind, patch.target_name)
        for patch in prod.patches
    ]
    assert found == [
        ("patches", "deploy/overlays/prod/replicas.yaml", "Deployment", "web"),
        ("patches", None, "Deployment", None),
        ("patchesStrategicMerge", "deploy/overlays/prod/probe.yaml", None, None),
        ("patchesStrategicMerge", None, None, None),
    ]
    bodies = [patch.body.text.split("\n")[0] if patch.body else None for patch in prod.patches]
    assert bodies == [None, "- op: remove", None, "apiVersion: v1"]


def test_overrides(prod: Kustomization) -> None:
    assert [(i.name, i.new_name, i.new_tag, i.digest) for i in prod.images] == [
        ("shop/web", "registry.test/web", "1.5", None),
        ("redis", None, None, "sha256:0"),
    ]
    assert [(it.name, it.amount) for it in prod.replicas] == [("web", 5)]


def test_generators(prod: Kustomization) -> None:
    conf, fixed, secret = prod.generators
    assert (conf.kind, conf.name, conf.has_hash, conf.behavior) == ("ConfigMap", "conf", True, "create")
    assert [(key.name, key.file.path if key.file else None) for key in conf.keys] == [
        ("LEVEL", None),
        ("EMPTY", None),
        ("app.ini", "deploy/overlays/prod/app.ini"),
        ("key", "deploy/overlays/prod/other.ini"),
    ]
    assert [entry.path for entry in conf.env_files] == ["deploy/overlays/prod/.env.prod"]
    assert (fixed.has_hash, fixed.behavior) == (False, "merge")
    assert (secret.kind, [key.name for key in secret.keys]) == ("Secret", ["db-password"])


def test_keys_by_which_its_files_find_it(prod: Kustomization) -> None:
    keys = set(prod.graph_keys())
    assert keys >= {
        "dir:deploy/overlays/prod",
        "path:deploy/base",
        "path:deploy/overlays/prod/extra.yaml",
        "path:deploy/overlays/prod/app.ini",
        "patch:deploy/overlays/prod/replicas.yaml",
    }
    assert "patch:deploy/base" not in keys
    assert not any("None" in key for key in keys)


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("base/kustomization.yml", "resources: [a.yaml]\n", "Kustomization"),
        ("a/kustomization.yaml", f"{API}/v1alpha1\nkind: Component\n", "Component"),
        ("a/tls.yaml", f"{API}/v1alpha1\nkind: Component\n", "Component"),
    ],
)  # fmt: skip
def test_recognition(path: str, text: str, kind: str) -> None:
    assert only(Kustomization, text, path).kind == kind


@pytest.mark.parametrize("text", ["", "- a\n", "resources\n"])
def test_an_empty_kustomization_is_none(text: str) -> None:
    assert view(text, "kustomization.yaml") is None


@pytest.mark.parametrize("text", ["resources: a.yaml\n", "resources: [{a: b}, '', *x]\nimages: [1]\n"])
def test_half_typed_lists(text: str) -> None:
    found = only(Kustomization, text, "kustomization.yaml")
    assert (found.resources, found.images) == ((), ())


def test_the_root_directory() -> None:
    found = only(Kustomization, "resources: [.]\ncomponents: [/etc]\n", "kustomization.yaml")
    assert [entry.path for entry in found.resources] == [""]
    assert [entry.path for entry in found.components] == [None]
    assert "dir:" in set(found.graph_keys())
