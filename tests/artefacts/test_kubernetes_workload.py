"""Workloads and their containers: what is written, what Kubernetes assumes, what is unknown."""

import pytest

from rollsafe.artefacts.kubernetes import TEMPLATED, Container, Share, Workload
from tests.artefacts.kubernetes_files import DEPLOYMENT, container, only, source_of, workload


def test_rollout_settings() -> None:
    web = workload(
        "terminationGracePeriodSeconds: 45\nserviceAccountName: runner",
        spec="""\
            replicas: 4
            minReadySeconds: 10
            progressDeadlineSeconds: 300
            revisionHistoryLimit: 0
            strategy:
              rollingUpdate: {maxSurge: 25%, maxUnavailable: 1}
            """,
    )
    assert (web.replicas, web.replica_count) == (4, 4)
    assert (web.min_ready_seconds, web.progress_deadline_seconds) == (10, 300)
    assert (web.revision_history_limit, web.termination_grace_seconds) == (0, 45)
    assert (web.strategy_type, web.max_surge, web.max_unavailable) == ("rollingUpdate", "25%", 1)
    assert web.service_account is not None
    assert source_of(web, web.service_account.name_node) == "runner"


@pytest.mark.parametrize(
    ("kind", "spec", "written", "count"),
    [
        ("Deployment", "", None, 1),
        ("Deployment", "replicas: 0", 0, 0),
        ("Deployment", "replicas: {{ .Values.n }}", TEMPLATED, None),
        ("Deployment", "replicas: ${REPLICAS}", TEMPLATED, None),
        ("Deployment", "{{- toYaml .Values.spec | nindent 2 }}", None, None),
        ("Deployment", "replicas: many", None, None),
        ("DaemonSet", "", None, None),
        ("Job", "", None, None),
    ],
)
def test_replicas(kind: str, spec: str, written: object, count: int | None) -> None:
    found = workload(kind=kind, spec=spec)
    assert found.replicas is written or found.replicas == written
    assert found.replica_count == count


@pytest.mark.parametrize(
    ("kind", "spec", "expected"),
    [
        ("Deployment", "strategy: {type: Recreate}", "Recreate"),
        ("StatefulSet", "updateStrategy: {type: OnDelete}", "OnDelete"),
        ("Deployment", "updateStrategy: {type: OnDelete}", None),
        ("Deployment", "strategy: {}", None),
    ],
)
def test_strategy_stands_where_the_kind_has_it(kind: str, spec: str, expected: str | None) -> None:
    assert workload(kind=kind, spec=spec).strategy_type == expected


def test_cron_job_reads_its_job_and_its_pods() -> None:
    job = only(
        Workload,
        """\
        apiVersion: batch/v1
        kind: CronJob
        metadata: {name: nightly}
        spec:
          schedule: "0 3 * * *"
          concurrencyPolicy: Forbid
          startingDeadlineSeconds: 60
          jobTemplate:
            spec:
              backoffLimit: 2
              activeDeadlineSeconds: 600
              ttlSecondsAfterFinished: 3600
              template:
                metadata: {labels: {app: nightly}}
                spec:
                  restartPolicy: Never
                  containers: [{name: run, image: 'a:1'}]
        """,
    )
    assert (job.schedule, job.concurrency_policy, job.starting_deadline_seconds) == (
        "0 3 * * *", "Forbid", 60,
    )  # fmt: skip
    assert (job.backoff_limit, job.active_deadline_seconds) == (2, 600)
    assert (job.ttl_seconds_after_finished, job.restart_policy) == (3600, "Never")
    assert [c.name for c in job.containers] == ["run"]
    assert job.is_job
    assert not job.is_long_running
    assert "label:app=nightly" in set(job.graph_keys())


@pytest.mark.parametrize(
    ("kind", "long_running"),
    [("Deployment", True), ("StatefulSet", True), ("DaemonSet", True), ("Job", False)],
)
def test_long_running_kinds(kind: str, long_running: bool) -> None:
    assert workload(kind=kind).is_long_running is long_running


def test_containers_sidecars_and_their_ports() -> None:
    web = workload(
        """\
        initContainers:
          - {name: migrate, image: 'm:1', ports: [{containerPort: 1}]}
          - {name: proxy, image: 'p:1', restartPolicy: Always, ports: [{containerPort: 2, name: p}]}
        """
    )
    names = [(c.name, c.is_init, c.is_sidecar) for c in web.all_containers]
    assert names == [("main", False, False), ("migrate", True, False), ("proxy", True, True)]
    assert [port.number for port in web.ports] == [2]


def test_container_basics() -> None:
    main = only(Container, DEPLOYMENT)
    assert (main.name, source_of(main, main.title_node)) == ("main", "main")
    assert main.image is not None
    assert (main.image.repository, main.image.tag) == ("shop/web", "1.4")
    (port,) = main.ports
    assert (port.number, port.name, port.protocol) == (8080, "http", "TCP")
    assert source_of(main, port.number_node) == "8080"
    assert main.listens_on(8080)
    assert main.listens_on("http")
    assert not main.listens_on(80)
    assert main.port_called("http") is port


def test_environment() -> None:
    main = container(
        """\
        env:
          - {name: PLAIN, value: secret-text}
          - name: KEY
            valueFrom: {secretKeyRef: {name: db, key: password, optional: true}}
          - name: CONF
            valueFrom: {configMapKeyRef: {name: conf, key: url}}
          - name: POD
            valueFrom: {fieldRef: {fieldPath: metadata.name}}
          - {value: nameless}
        envFrom:
          - {prefix: P_, configMapRef: {name: all}}
          - secretRef: {name: '{{ .Values.secret }}'}
        """
    )
    assert [(v.name, v.value) for v in main.env] == [
        ("PLAIN", "secret-text"), ("KEY", None), ("CONF", None), ("POD", None),
    ]  # fmt: skip
    assert "secret-text" not in repr(main.env)
    found = [(r.kind, r.name, r.key, r.is_optional, r.is_static) for r in main.references]
    assert found == [
        ("Secret", "db", "password", True, True),
        ("ConfigMap", "conf", "url", False, True),
        ("ConfigMap", "all", None, False, True),
        ("Secret", "{{ .Values.secret }}", None, False, False),
    ]
    assert main.env_from[0].prefix == "P_"
    uses = {key for key in main.workload.graph_keys() if key.startswith("uses:")}
    assert uses == {"uses:Secret/db", "uses:ConfigMap/conf", "uses:ConfigMap/all"}


def test_pods_refer_to_what_their_volumes_need() -> None:
    web = workload(
        """\
        imagePullSecrets: [{name: registry}]
        volumes:
          - {name: a, emptyDir: {}}
          - {name: b, persistentVolumeClaim: {claimName: data}}
          - {name: c, secret: {secretName: tls, items: [{key: crt, path: x}, {key: key, path: y}]}}
          - name: d
            projected: {sources: [{configMap: {name: conf}}, {secret: {name: token}}]}
          - {name: e, hostPath: {path: /var/run}}
        """
    )
    assert [(v.name, v.source) for v in web.volumes] == [
        ("a", "emptyDir"), ("b", "persistentVolumeClaim"), ("c", "secret"), ("d", "projected"),
        ("e", "hostPath"),
    ]  # fmt: skip
    assert (web.volumes[1].claim, web.volumes[4].host_path) == ("data", "/var/run")
    assert [(r.kind, r.name, r.key) for r in web.references] == [
        ("PersistentVolumeClaim", "data", None),
        ("Secret", "tls", "crt"),
        ("Secret", "tls", "key"),
        ("ConfigMap", "conf", None),
        ("Secret", "token", None),
        ("Secret", "registry", None),
    ]


def test_mounts() -> None:
    main = container("volumeMounts: [{name: a, mountPath: /a, subPath: f, readOnly: true}]")
    (mount,) = main.mounts
    assert (mount.volume, mount.path, mount.sub_path, mount.is_read_only) == ("a", "/a", "f", True)


def test_a_written_probe() -> None:
    main = container(
        """\
        readinessProbe:
          httpGet: {path: /ready, port: http}
          initialDelaySeconds: 5
          periodSeconds: 2
        livenessProbe: {tcpSocket: {port: 8080}}
        startupProbe: {exec: {command: [cat, /ready]}, failureThreshold: 30}
        """
    )
    ready, live, start = main.probes
    assert (ready.handler, ready.port, ready.path) == ("http", "http", "/ready")
    assert (ready.initial_delay, ready.period, ready.timeout, ready.failure_threshold) == (5, 2, 1, 3)
    assert ready.budget == 11
    assert source_of(main, ready.port_node) == "http"
    assert source_of(main, ready.key) == "readinessProbe"
    assert (live.handler, live.port, start.command) == ("tcp", 8080, ("cat", "/ready"))
    assert start.budget == 300
    assert ready.asks_like(ready)
    assert not ready.asks_like(live)


def test_absent_probes() -> None:
    main = container("readinessProbe:\nlivenessProbe: null")
    assert main.probes == ()
    assert main.lacks("readinessProbe")


def test_resources_and_security() -> None:
    web = workload("securityContext: {runAsNonRoot: true, fsGroup: 1}")
    (main,) = web.containers
    assert main.security.at("runAsNonRoot") is not None
    assert main.security.at("fsGroup") is None
    sized = container(
        "resources: {requests: {cpu: 100m}, limits: {memory: 1Gi}}\nsecurityContext: {runAsNonRoot: false}"
    )
    assert (sized.requests, sized.limits) == ({"cpu": "100m"}, {"memory": "1Gi"})
    own = sized.security.at("runAsNonRoot")
    assert source_of(sized, own) == "false"


@pytest.mark.parametrize(
    ("handler", "seconds"),
    [
        ("{sleep: {seconds: 15}}", 15),
        ("{exec: {command: [/bin/sh, -c, 'sleep 20; nginx -s quit']}}", 20),
        ("{exec: {command: [sleep, '5']}}", 5),
        ("{httpGet: {path: /stop, port: 80}}", None),
    ],
)
def test_pre_stop(handler: str, seconds: int | None) -> None:
    main = container(f"lifecycle: {{preStop: {handler}}}")
    assert main.pre_stop is not None
    assert main.pre_stop_seconds == seconds


@pytest.mark.parametrize(
    ("image", "keys"),
    [
        ("nginx:1", ["image:nginx"]),
        ("shop/web:{{ .Values.tag }}", ["image:shop/web"]),
        ("{{ .Values.image }}", []),
        ("", []),
    ],
)
def test_containers_are_found_by_their_image(image: str, keys: list[str]) -> None:
    text = DEPLOYMENT.replace("registry.test/shop/web:1.4", f'"{image}"' if image else "")
    assert list(only(Container, text).graph_keys()) == keys


def test_stateful_sets() -> None:
    db = workload(
        kind="StatefulSet", spec="serviceName: db\nvolumeClaimTemplates: [{metadata: {name: data}}]"
    )
    assert (db.service_name, db.claim_templates) == ("db", ("data",))


def test_rollout_of_another_controller() -> None:
    rollout = only(
        Workload,
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: a}\n"
        "spec: {workloadRef: {name: b}, strategy: {canary: {maxSurge: 30%}}}\n",
    )
    surge: Share = rollout.max_surge
    assert (rollout.strategy_type, surge, rollout.is_partial) == ("canary", "30%", False)
