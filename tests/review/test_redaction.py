"""What a review would send of files that hold secrets: `preview` is the body, byte for byte."""

import base64
import json
import re
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollsafe.review import (
    KnownFinding,
    LineRange,
    NodeRange,
    ReviewFile,
    ReviewLimits,
    ReviewRequest,
    ReviewSettings,
    preview,
)
from rollsafe.review.egress import objection_to_body
from rollsafe.review.redaction import redact, still_holds_a_secret
from tests.review.double import KEYS

SETTINGS = ReviewSettings()


def request_for(*files: ReviewFile, persona: str = "") -> ReviewRequest:
    return ReviewRequest("deployment-orchestrator", persona, KEYS, files)


def sent_lines(text: str, path: str = "deploy/app.yaml", *slices: LineRange) -> dict[int, str]:
    """Return the lines that would be sent of a file, by number."""
    body = json.loads(preview(request_for(ReviewFile(path, text, slices=slices)), SETTINGS))
    files = json.loads(body["messages"][0]["content"])["files"]
    return {line["number"]: line["text"] for file in files for line in file["lines"]}


def joined(text: str, path: str = "deploy/app.yaml") -> str:
    return "\n".join(sent_lines(text, path).values())


AWS = "AKIA" + "IOSFODNN7EXAMPLE"
GITHUB = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
SLACK = "xoxb-" + "123456789012-abcdefABCDEF"
STRIPE = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
GOOGLE = "AIza" + "SyA1234567890abcdefghijklmnopqrstuv"
JWT = "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"
RANDOM = "wJalrXUtnFEMI/K7MDENG+bPxRfiCY3XAMPLEKEY"
HEX = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"

LINES = [
    ("  password: hunter2", "hunter2"),
    ("  password: 'it''s m3'", "m3"),
    ('  password: "two words" # rotated', "two words"),
    ("  password: two words", "two words"),
    ("- POSTGRES_PASSWORD=correct horse", "correct horse"),
    ("  POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:-hunter2}", "hunter2"),
    ('  pass: {{ .Values.db.pass | default "hunter2" }}', "hunter2"),
    ("ENV A=1 DB_PASSWORD=hunter2 B=2", "hunter2"),
    ("export API_KEY=hunter2", "hunter2"),
    ('"clientSecret": "hunter2",', "hunter2"),
    ("db.password = hunter2", "hunter2"),
    ("spring.datasource.password=hunter2", "hunter2"),
    ("args: [--db-password, hunter2]", "hunter2"),
    ('command: ["run", "--token", "hunter2"]', "hunter2"),
    ("RUN curl -u admin:hunter2 https://internal.example", "hunter2"),
    ("mysql -u root -phunter2 shop", "hunter2"),
    ("url: postgres://app:hunter2@db:5432/shop", "hunter2"),
    ("url: postgres://app:hun/ter2@db:5432/shop", "hun/ter2"),
    ("url: https://hunter2@git.example/x.git", "hunter2"),
    ("dsn: app:hunter2@tcp(db:3306)/shop", "hunter2"),
    ("CREATE ROLE app LOGIN PASSWORD 'hunter2';", "hunter2"),
    ("CREATE USER app IDENTIFIED BY 'hunter2';", "hunter2"),
    ("-H 'Authorization: Bearer hunter2hunter2'", "hunter2hunter2"),
    ("Server=db;User Id=sa;Password=hunter2;", "hunter2"),
    (f"key_id: {AWS}", AWS),
    (f"x: {GITHUB}", GITHUB),
    (f"x: {SLACK}", SLACK),
    (f"x: {STRIPE}", STRIPE),
    (f"x: {GOOGLE}", GOOGLE),
    (f"x: {JWT}", JWT),
    (f"x: {RANDOM}", RANDOM),
    (f"x: {HEX}", HEX),
    ("x: https://hooks.slack.com/services/T000/B000/XXXXyyyy", "T000/B000/XXXXyyyy"),
    ("x: $2b$12$KIXQ4S5Q0pE0y0jZb0n8eO", "KIXQ4S5Q0pE0y0jZb0n8eO"),
    ('key: "-----BEGIN PRIVATE KEY-----\\nMIIEvQ\\n-----END PRIVATE KEY-----"', "MIIEvQ"),
]


@pytest.mark.parametrize(("line", "secret"), LINES)
def test_a_secret_in_one_line_is_replaced(line: str, secret: str) -> None:
    sent = joined(f"name: shop\n{line}\nreplicas: 2\n")
    assert secret not in sent
    assert "<<SECRET:1>>" in sent
    assert sent.startswith("name: shop\n")
    assert sent.endswith("\nreplicas: 2")


BLOCKS = {
    "value beside a telling name": (
        "env:\n  - name: DB_PASSWORD\n    value: postgres\n  - name: MODE\n    value: fast\n",
        "postgres",
        "value: fast",
    ),
    "value before a telling name": (
        "env:\n  - value: postgres\n    name: DB_PASSWORD\n",
        "postgres",
        "env:",
    ),
    "name and value in one line": (
        '[{"name": "DB_PASSWORD", "value": "postgres"}]\n',
        "postgres",
        "DB_PASSWORD",
    ),
    "parameter of a stack": (
        "- ParameterKey: DbPassword\n  ParameterValue: postgres\n",
        "postgres",
        "DbPassword",
    ),
    "block scalar": ("password: |\n  postgres\n  more\nport: 1\n", "postgres", "port: 1"),
    "value in the next line": ("password:\n  postgres\nport: 1\n", "postgres", "port: 1"),
    "list of passwords": ("passwords:\n- postgres\n- other\nport: 1\n", "other", "port: 1"),
    "flag and value as list items": (
        "args:\n- --password\n- postgres\n- --verbose\n",
        "postgres",
        "--verbose",
    ),
    "triple quotes": ('password = """\npostgres\n"""\nport = 1\n', "postgres", "port = 1"),
    "heredoc": ("password = <<EOT\npostgres\nEOT\nport = 1\n", "postgres", "port = 1"),
    "armoured key": (
        "key: |\n  -----BEGIN RSA PRIVATE KEY-----\n  MIIE\n  -----END RSA PRIVATE KEY-----\nport: 1\n",
        "MIIE",
        "port: 1",
    ),
    "armoured key without an end": ("-----BEGIN PRIVATE KEY-----\nMIIE\nabc\n", "abc", ""),
    "secret generator": (
        "secretGenerator:\n- name: db\n  literals:\n  - user=postgres\nnamespace: shop\n",
        "postgres",
        "namespace: shop",
    ),
    "Secret beside another object": (
        "kind: Deployment\nspec: 1\n---\nkind: Secret\ndata:\n  user: cG9zdGdyZXM=\n",
        "cG9zdGdyZXM=",
        "kind: Deployment",
    ),
    "Secret with its kind last": (
        "stringData:\n  user: postgres\nkind: Secret\n---\nkind: Service\n",
        "postgres",
        "kind: Service",
    ),
    "Secret with a block scalar": (
        "kind: Secret\nstringData:\n  conf: |\n    user postgres\n---\nkind: Service\n",
        "postgres",
        "kind: Service",
    ),
    "Secret in JSON": (
        '[{"kind": "Service"},\n{\n"kind": "Secret",\n"data": {\n"user": "cG9zdA=="\n}\n}]\n',
        "cG9zdA==",
        '"kind": "Service"',
    ),
    "Secret in one line of JSON": (
        '{"kind": "Service"}\n{"kind": "Secret", "data": {"user": "cG9zdA=="}}\n',
        "cG9zdA==",
        '"kind": "Service"',
    ),
    "Secret in a list": (
        "kind: List\nitems:\n- kind: Service\n- kind: Secret\n  data:\n    user: cG9zdA==\n",
        "cG9zdA==",
        "- kind: Service",
    ),
}


@pytest.mark.parametrize(("text", "secret", "kept"), BLOCKS.values(), ids=BLOCKS.keys())
def test_a_secret_that_other_lines_give_away_is_replaced(text: str, secret: str, kept: str) -> None:
    sent = joined(text)
    assert secret not in sent
    assert kept in sent


HARMLESS = [
    "    password: ${DB_PASSWORD}",
    '    password: "${DB_PASSWORD}"',
    "    password: ${{ secrets.DB_PASSWORD }}",
    "    password: '{{ .Values.db.password }}'",
    "    POSTGRES_PASSWORD_FILE: /run/secrets/db_password",
    "    secretName: db-credentials",
    "    imagePullSecrets:",
    "    automountServiceAccountToken: false",
    "    persist-credentials: false",
    "    id-token: write",
    "    secrets: inherit",
    "    tokenExpirationSeconds: 3600",
    "    image: nginx:1.25@sha256:" + "0a1b2c3d" * 8,
    "    uses: actions/checkout@" + "0a1b2c3d" * 5,
    "    integrity: sha512-" + "aB3" * 28,
    "    repo: git+ssh://git@github.com/shop/web.git",
    "    url: postgres://db:5432/shop",
    "    nodeGroup: eks-cluster-production-eu-west-1-nodegroup-2",
    "    role: MyServiceAccountRoleForProduction2",
    "    path: projects/shop/locations/europe-west1/clusters/main-1",
    "docker login -u robot --password-stdin registry.example",
    "SELECT prompt_tokens::decimal FROM usage;",
    "ALTER TABLE users ADD COLUMN password_hash text NOT NULL;",
    "UPDATE sessions SET token = $1 WHERE id = $2;",
]


@pytest.mark.parametrize("line", HARMLESS)
def test_what_only_refers_to_a_secret_stays(line: str) -> None:
    assert sent_lines(f"a: b\n{line}\n")[2] == line


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        "deploy/.env.production",
        ".env.example",
        "certs/tls.pem",
        "certs/server.key",
        "kubeconfig",
        "prod.kubeconfig",
        "home/.kube/config",
        "terraform.tfstate",
        "terraform.tfstate.backup",
        "prod.tfvars",
        "secrets.yaml",
        "secrets.prod.yaml",
        ".npmrc",
        ".docker/config.json",
        "id_ed25519",
        "gcp-service-account.json",
    ],
)
def test_files_of_these_names_are_never_sent(path: str) -> None:
    assert sent_lines("a: b\n", path) == {}


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Secret\ndata:\n  a: Yg==\n",
        '{"apiVersion": "v1", "kind": "Secret", "data": {"a": "Yg=="}}',
        "kind: List\nitems:\n- kind: Secret\n",
        "kind: Config\nusers:\n- user:\n    client-key-data: Yg==\n",
        '{"version": 4, "terraform_version": "1.9.0"}',
        "a: " + "b" * 250_000,
    ],
)
def test_files_with_this_content_are_never_sent(text: str) -> None:
    assert sent_lines(text) == {}


def test_a_secret_counts_wherever_it_is_repeated() -> None:
    secret = "k9-Winter!2031"
    files = (
        ReviewFile(
            "a.yaml",
            f"run: start {secret}\n",
            nodes=(NodeRange(f"node {secret}", 1, 1),),
            findings=(KnownFinding("some-rule", 1, f"`{secret}` is in clear", f"node {secret}"),),
        ),
        ReviewFile("b.yaml", f"password: {secret}\n"),
        ReviewFile(f"{secret}.yaml", "c: d\n"),
    )
    body = preview(request_for(*files, persona=f"Beware of {secret}."), SETTINGS)
    assert secret not in body
    assert "start <<SECRET:1>>" in body
    assert "password: <<SECRET:1>>" in body


def test_values_of_a_withheld_env_file_are_known_in_other_files() -> None:
    env = ReviewFile(".env", "export MODE_X='k9-Winter!2031'\n")
    body = preview(request_for(env, ReviewFile("a.yaml", "run: go k9-Winter!2031\n")), SETTINGS)
    assert "k9-Winter!2031" not in body


def test_a_slice_is_judged_by_the_lines_around_it() -> None:
    text = "kind: Service\n---\nkind: Secret\ndata:\n  user: cG9zdGdyZXM=\n  other: eA==\n"
    assert sent_lines(text, "a.yaml", LineRange(5, 5)) == {5: "  user: <<SECRET:1>>"}


def test_only_the_slices_are_sent_each_line_once() -> None:
    text = "".join(f"line{n}: x\n" for n in range(1, 21))
    sent = sent_lines(text, "a.yaml", LineRange(18, 99), LineRange(2, 4), LineRange(3, 5))
    assert list(sent) == [2, 3, 4, 5, 18, 19, 20]


def test_line_numbers_are_those_of_an_editor() -> None:
    assert sent_lines("a: 1\r\nb: \x0c2\rc: \u20283\n") == {
        1: "a: 1",
        2: "b: <U+000C>2",
        3: "c: <U+2028>3",
    }


def test_invisible_characters_are_spelled_out() -> None:
    assert sent_lines("a: b\u202e\u200b\U000e0041\ud800\n") == {1: "a: b<U+202E><U+200B><U+E0041><U+D800>"}


def test_long_lines_are_cut_but_never_inside_a_placeholder() -> None:
    line = "a: " + "word " * 77 + "password: hunter2"
    sent = sent_lines(f"{line}\n{'b' * 3000}\n")
    assert sent[1].endswith("password: …")
    assert len(sent[2]) == 401


def test_files_beyond_the_room_of_a_run_are_left_out() -> None:
    files = tuple(ReviewFile(f"{name}.yaml", f"a: {'b ' * 100}\n" * 3) for name in "xyz")
    request = ReviewRequest("a", "", (), files, ReviewLimits(shown_bytes=1_800))
    body = preview(request, SETTINGS)
    assert ["x.yaml" in body, "y.yaml" in body, "z.yaml" in body] == [True, True, False]


TEXT = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\n\r\t :=-\"'{}[]|>@/$#<&*!%,.;"),
        st.sampled_from(string.ascii_letters + string.digits),
    ),
    max_size=200,
)
PIECES = st.lists(
    st.one_of(
        TEXT,
        st.sampled_from(
            [line for line, _ in LINES]
            + [text for text, _, _ in BLOCKS.values()]
            + ["password", ": ", "=", "\n", "token: ", "<<SECRET:1>>", "${", "}", '"', "://", "@"]
        ),
    ),
    max_size=12,
).map("".join)


@settings(deadline=None)
@given(PIECES)
def test_whatever_the_text_the_body_can_be_made_and_passes_the_last_look(text: str) -> None:
    request = request_for(ReviewFile("a.yaml", text), persona=text)
    assert objection_to_body(preview(request, SETTINGS).encode(), "") is None
    assert not still_holds_a_secret(redact(request))


@settings(deadline=None)
@given(
    st.sampled_from(
        ["password: {}", "- TOKEN={}", '"apiKey": "{}"', "x: postgres://u:{}@h/d", "--secret={} -v"]
    ),
    st.from_regex(r"[A-Za-z0-9+/_!%^-]{4,40}[A-Za-z]\d", fullmatch=True),
    st.integers(0, 8).map(lambda count: " " * count),
)
def test_no_drawn_secret_gets_through(template: str, secret: str, indent: str) -> None:
    line = indent + template.format(secret)
    sent = joined(f"a: b\n{line}\nc: d\n")
    assert secret not in sent
    assert base64.b64encode(secret.encode()).decode() not in sent


@pytest.mark.parametrize(
    "unit",
    [
        "password: ",
        "name: password value: x ",
        "a://b:c",
        "aaaa@:",
        "mysql  -p",
        "data: {",
        "data: {\n",
        "eyJaaaaaaaa.",
        "kind: Secret\ndata: {\n",
        "password:\n",
        "-----BEGIN \n",
        "<<SECRET:1>>",
        '\\"',
    ],
)
def test_text_built_to_be_slow_is_read_in_bounded_time(unit: str) -> None:
    assert seconds_for((unit * 190_000)[:190_000]) < 4


def test_blocks_that_never_end_are_read_in_bounded_time() -> None:
    assert seconds_for("".join(f"password = <<A{n}\n" for n in range(10_000))) < 4


def seconds_for(text: str) -> float:
    started = time.process_time()
    sent_lines(text, "a.yaml", LineRange(1, 1))
    return time.process_time() - started


def test_placeholders_have_the_same_number_every_time() -> None:
    text = "password: one1two2\ntoken: three3four\npassword: one1two2\n"
    numbers = re.findall(r"<<SECRET:(\d)>>", joined(text))
    assert numbers == ["1", "2", "1"]
