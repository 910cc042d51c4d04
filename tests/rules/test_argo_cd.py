"""Argo CD: applications that are refused, lead nowhere or change by themselves."""

import pytest

from tests.checking import check_rule

APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop}
spec:
  project: default
  source: {repoURL: "https://git.example/shop.git", path: k8s/shop, targetRevision: v1.4.0}
  destination: {server: "https://kubernetes.default.svc", namespace: shop}
"""
SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: shop}
spec:
  goTemplate: false
  generators:
    - list:
        elements: [{cluster: east, url: "https://east.example"}]
  template:
    metadata: {name: "shop-{{cluster}}"}
    spec:
      project: default
      source: {repoURL: "https://git.example/shop", path: k8s, targetRevision: v1.4.0}
      destination: {server: "{{url}}", namespace: shop}
"""
CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop
  annotations: {argocd.argoproj.io/sync-wave: "5"}
data: {A: b}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: web, image: registry.example/web:1, envFrom: [{configMapRef: {name: shop}}]}]
"""
LATER = "`web` needs ConfigMap `shop`, which comes later: "
NO_PARAMETER = "`{{.url}}` is no parameter of `shop`: "


def told(rule: str, *texts: str) -> list[str]:
    files = {f"argocd/{index}.yaml": text for index, text in enumerate(texts)}
    return [one.message for one in check_rule(rule, {**files, "k8s/shop/web.yaml": POD})]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('server: "https://kubernetes.default.svc", ', "", "to which cluster"),
        ("path: k8s/shop, ", "", "neither a `path` nor a `chart`"),
        ("path: k8s/shop, targetRevision: v1.4.0", "chart: shop", "which version of its `chart`"),
        ("  destination", "  sources: [{repoURL: x, path: y}]\n  destination", "beside `sources`"),
        ("name: shop}", "name: shop}", ""),
        ("path: k8s/shop, ", "ref: values, ", ""),
        ("path: k8s/shop", 'path: "{{path}}"', ""),
    ],
)
def test_what_argo_cd_refuses_is_told(old: str, new: str, said: str) -> None:
    found = told("refused-application", APPLICATION.replace(old, new))
    assert len(found) == bool(said)
    assert all(said in one for one in found)


def test_folders_of_other_repositories_are_not_looked_for() -> None:
    gone = APPLICATION.replace("k8s/shop", "k8s/shp").replace("name: shop}", "name: other}")
    other = gone.replace("git.example/shop.git", "git.example/other")
    found = told("missing-application-source", APPLICATION, gone, other)
    assert found == [
        "`other` takes its objects from `k8s/shp`, which is not there; the nearest is `k8s/shop`"
    ]


def test_the_same_repository_by_another_address_is_the_same() -> None:
    gone = APPLICATION.replace("k8s/shop", "k8s/shp").replace("https://git.example/", "git@git.example:")
    assert len(told("missing-application-source", APPLICATION, gone)) == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{{url}}", "{{ urls }}", ["no generator of `shop` sets `urls`; the nearest is `url`"]),
        ("{{url}}", "{{.url}}", [f"{NO_PARAMETER}only with `goTemplate: true` it begins with a dot"]),
        ("list:\n", "clusters: {}\n    - list:\n", []),
        ("path: k8s", 'path: k8s, helm: {values: "a: {{ .Release.Name }}"}', []),
    ],
)
def test_parameters_come_from_generators(old: str, new: str, said: list[str]) -> None:
    assert told("unset-application-parameter", SET.replace(old, new)) == said


def test_parameters_of_go_templates_begin_with_a_dot() -> None:
    text = SET.replace("goTemplate: false", "goTemplate: true").replace("{{url}}", "{{.url}}")
    assert told("unset-application-parameter", text) == [
        "`{{cluster}}` is no parameter of `shop`: with `goTemplate: true` a parameter begins with a dot"
    ]


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        ("{}", [f"{LATER}in wave 5, not 0"]),
        ('{argocd.argoproj.io/sync-wave: "5"}', []),
        ("{argocd.argoproj.io/hook: PostSync}", []),
        ("{argocd.argoproj.io/hook: PreSync}", [f"{LATER}after the hook before the sync"]),
        ("{argocd.argoproj.io/hook: Skip}", []),
    ],
)
def test_what_comes_later_is_no_use_before(annotation: str, said: list[str]) -> None:
    pod = POD.replace("{name: web}\nspec", f"{{name: web, annotations: {annotation}}}\nspec")
    found = check_rule("needed-in-later-wave", {"k8s/web.yaml": pod, "k8s/config.yaml": CONFIG})
    assert [one.message for one in found] == said


def test_a_project_permits_by_patterns() -> None:
    project = """\
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: team}
spec:
  sourceRepos: ["https://git.example/*", "!https://git.example/secret"]
  destinations: [{server: "*", namespace: "team-*"}]
"""
    mine = APPLICATION.replace("project: default", "project: team")
    fine = mine.replace("namespace: shop", "namespace: team-shop")
    secret = fine.replace("git.example/shop.git", "git.example/secret")
    assert told("unpermitted-application", project, fine) == []
    assert told("unpermitted-application", project, mine) == [
        "project `team` does not permit `shop` the namespace `shop`"
    ]
    assert told("unpermitted-application", project, secret) == [
        "project `team` does not permit `shop` the repository `https://git.example/secret`"
    ]


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("CreateNamespaces=true", 1),
        ("ServerSideApply=true", 0),
        ("Prune=confirm", 0),
        ("Something=else", 1),
    ],
)
def test_options_that_argo_cd_does_not_know(option: str, said: int) -> None:
    text = f"{APPLICATION}  syncPolicy: {{syncOptions: [{option}]}}\n"
    assert len(told("unknown-sync-setting", text)) == said


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{kind: Deployment}", 1),
        ("{kind: Deployment, jsonPointers: [spec.replicas]}", 1),
        ("{kind: Deployment, jsonPointers: [/spec/replicas], jqPathExpressions: [.a]}", 0),
        ("{kind: Deployment, managedFieldsManagers: [keda]}", 0),
    ],
)
def test_differences_that_are_not_ignored(entry: str, said: int) -> None:
    assert (
        len(told("ineffective-ignored-difference", f"{APPLICATION}  ignoreDifferences: [{entry}]\n")) == said
    )


def test_parameters_that_a_chart_does_not_have() -> None:
    chart = {
        "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "charts/web/values.yaml": "image: {tag: '1'}\n",
        "charts/web/templates/pod.yaml": POD.replace("web:1", "web:{{ .Values.image.tag }}"),
    }
    source = "path: charts/web, helm: {parameters: [{name: NAME, value: x}]}"
    application = APPLICATION.replace("path: k8s/shop", source)

    def found(name: str) -> list[str]:
        files = {**chart, "argocd/web.yaml": application.replace("NAME", name)}
        return [one.message for one in check_rule("unread-application-parameter", files)]

    assert found("image.tga") == [
        "chart `web` has no value `image.tga`, which `shop` sets; the nearest is `image.tag`"
    ]
    assert found("image.tag") == found("global.x") == found("image.tags[0]") == found("something.else") == []


def test_a_patch_of_an_application_says_only_what_it_changes() -> None:
    patch = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\nspec:\n"
    patch += "  source: {targetRevision: v2}\n"
    kustomization = "resources: [../base]\npatches: [{path: 0.yaml}]\n"
    files = {"argocd/0.yaml": patch, "argocd/kustomization.yaml": kustomization, "base/app.yaml": APPLICATION}
    assert check_rule("refused-application", files) == []
    assert len(told("refused-application", patch)) == 1


def test_a_generator_may_bring_a_template_of_its_own() -> None:
    text = SET.replace("path: k8s, ", "")
    assert len(told("refused-application", text)) == 1
    inner = "list:\n        template: {spec: {source: {path: k8s}}}\n"
    assert told("refused-application", text.replace("list:\n", inner)) == []
