"""Argo Rollouts: strategies and analyses that are refused, or guard nothing."""

import pytest

from tests.checking import ALL_RULES, check_rule, try_fixes

ROLLOUT = """\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web}
spec:
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  strategy:
"""
METRIC = """\
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: {name: errors}
spec:
  metrics:
    - name: errors
      successCondition: result[0] < 0.05
      provider: {prometheus: {address: "http://prometheus", query: errors}}
"""
ROUTED = """\
    canary:
      stableService: web
      canaryService: web-canary
      trafficRouting:
        managedRoutes: [{name: mirror}]
        istio: {virtualService: {name: web}}
"""


def refused(strategy: str) -> list[tuple[int, str]]:
    """Return the lines below `strategy:` and the messages of what is refused."""
    found = check_rule("refused-rollout", {"k8s/web.yaml": ROLLOUT + strategy})
    return [(one.line - 6, one.message) for one in found]


@pytest.mark.parametrize(
    ("strategy", "line", "said"),
    [
        ("    rollingUpdate: {}\n", 0, "neither of the strategies"),
        ("    canary: {}\n    blueGreen: {activeService: web}\n", 2, "two strategies"),
        ("    blueGreen: {activeService: web, previewService: web}\n", 1, "the two have to differ"),
        ("    canary: {stableService: web, canaryService: web}\n", 1, "the two have to differ"),
        ("    canary:\n      dynamicStableScale: true\n", 2, "needs `trafficRouting`"),
        ("    canary:\n      steps:\n        - setCanaryScale: {weight: 5}\n", 3, "needs `trafficRouting`"),
        ("    canary:\n      maxSurge: 0\n      maxUnavailable: 0%\n", 2, "both zero"),
        ("    canary:\n      trafficRouting:\n        nginx: {stableIngress: web}\n", 2, "to route between"),
        ("    canary:\n      steps:\n        - {}\n", 3, "does nothing"),
        ("    canary:\n      steps:\n        - setWeight: -1\n", 3, "not between 0 and 100"),
        ("    canary:\n      steps:\n        - pause: {duration: 1d}\n", 3, "no duration"),
        ("    blueGreen: {activeService: web, scaleDownDelayRevisionLimit: 11}\n", 1, "of 10 in its history"),
        (ROUTED + "      steps:\n        - setMirrorRoute: {name: miror}\n", 8, "`managedRoutes`"),
    ],
)
def test_what_argo_rollouts_refuses_is_told(strategy: str, line: int, said: str) -> None:
    told = refused(strategy)
    assert [place for place, _ in told] == [line]
    assert said in told[0][1]


@pytest.mark.parametrize(
    "strategy",
    [
        "    canary: {}\n",
        "    canary:\n",
        "    canary:\n      steps:\n        - pause: {}\n        - pause: {duration: 60}\n",
        "    canary:\n      steps:\n        - setWeight: {{ .Values.weight }}\n",
        "    canary:\n      trafficRouting:\n        plugins: {example/router: {}}\n",
        "    canary:\n      trafficRouting:\n        istio: {destinationRule: {name: web}}\n",
        ROUTED
        + "      steps:\n        - setMirrorRoute: {name: mirror}\n        - setCanaryScale: {weight: 5}\n",
        "    blueGreen: {activeService: web, autoPromotionEnabled: false}\n",
    ],
)
def test_what_argo_rollouts_takes_is_not(strategy: str) -> None:
    assert refused(strategy) == []


def analysis(change: tuple[str, str], files: dict[str, str] | None = None) -> list[str]:
    text = METRIC.replace(*change)
    found = check_rule("refused-analysis", {"k8s/errors.yaml": text, **(files or {})})
    return [one.message for one in found]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("      successCondition", "      count: 3\n      successCondition"), "without an `interval`"),
        (
            (
                "      successCondition",
                "      count: 3\n      interval: 1m\n      failureLimit: 4\n      successCondition",
            ),
            "more than the 3 times",
        ),
        (("      successCondition", "      interval: 1 minute\n      successCondition"), "no duration"),
        (("provider: {", "provider: {job: {}, "), "may ask one"),
        (("http://prometheus", "http://p"), ""),
    ],
)
def test_what_is_refused_of_a_metric_is_told(change: tuple[str, str], said: str) -> None:
    told = analysis(change)
    assert len(told) == bool(said)
    assert all(said in one for one in told)


def test_an_analysis_that_a_rollout_waits_for_has_to_end() -> None:
    endless = ("      successCondition", "      interval: 1m\n      successCondition")
    step = "    canary:\n      steps:\n        - analysis: {templates: [{templateName: errors}]}\n"
    background = "    canary:\n      analysis: {templates: [{templateName: errors}]}\n"
    assert [one for one in analysis(endless, {"k8s/web.yaml": ROLLOUT + step}) if "without an end" in one]
    assert analysis(endless, {"k8s/web.yaml": ROLLOUT + background}) == []
    rule = next(one for one in ALL_RULES if one.name == "refused-analysis")
    files = {"k8s/errors.yaml": METRIC.replace(*endless), "k8s/web.yaml": ROLLOUT + step}
    (tried,) = try_fixes(files, rule)
    assert "      interval: 1m\n      count: 5\n" in tried.result["k8s/errors.yaml"]


def test_what_takes_arguments_is_no_template_of_a_chart() -> None:
    template = METRIC.replace("query: errors", "query: \"errors{service='{{args.service}}'}\"")
    step = "    canary:\n      steps:\n        - analysis: {templates: [{templateName: erors}]}\n"
    text = f"{template}---\n{ROLLOUT}{step}"
    assert [one.message for one in check_rule("unset-analysis-argument", {"k8s/web.yaml": text})] == [
        "`errors` takes the argument `service`, which it does not declare"
    ]
    assert [one.line for one in check_rule("unknown-analysis-template", {"k8s/web.yaml": text})] == [18]


@pytest.mark.parametrize(
    ("strategy", "said"),
    [
        ("    canary: {steps: [{setWeight: 20}, {pause: {duration: 5m}}]}\n", ["whatever happens in them"]),
        ("    canary: {steps: [{setWeight: 20}, {pause: {}}]}\n", []),
        (
            "    canary: {steps: [{setWeight: 20}, {pause: {duration: 5m}}, {analysis: {templates: []}}]}\n",
            [],
        ),
        ("    blueGreen: {activeService: web, autoPromotionEnabled: false}\n", ["no `previewService`"]),
        (
            "    blueGreen: {activeService: web, previewService: next, autoPromotionEnabled: false}\n",
            [],
        ),
        ("    blueGreen: {activeService: web}\n", ["nothing judges"]),
    ],
)
def test_who_judges_a_version(strategy: str, said: list[str]) -> None:
    found = check_rule("canary-without-verdict", {"k8s/web.yaml": ROLLOUT + strategy})
    assert len(found) == len(said)
    assert all(words in one.message for words, one in zip(said, found, strict=True))
