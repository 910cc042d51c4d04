"""What rules about Dockerfiles see beyond their own examples: forms of RUN, stages, pragmas."""

import pytest

from tests.checking import ALL_RULES, check, check_rule, fix

FROM = "FROM debian:12.7\n"


def lines(rule: str, text: str) -> list[int]:
    """Return the lines at which `rule` finds something in a Dockerfile."""
    return [one.line for one in check_rule(rule, {"Dockerfile": text})]


def fixed(rule: str, text: str) -> str:
    """Return a Dockerfile after the declared fix of `rule`."""
    chosen = next(one for one in ALL_RULES if one.name == rule)
    return fix({"Dockerfile": text}, chosen)[0]["Dockerfile"]


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("unpinned-package", "apt-get install -y curl"),
        ("unpinned-package", "apk add --no-cache -t .deps curl"),
        ("unpinned-package", "dnf module install -y tomcat"),
        ("unpinned-package", "python3 -m pip install flask"),
        ("unpinned-package", "npm install git+ssh://git@github.com/a/b.git"),
        ("unpinned-package", "go install example.com/pkg@latest"),
        ("unpinned-package", "cargo install ripgrep"),
        ("package-cache-left", "apt-get update && apt-get install -y curl=1 && apt-get clean"),
        ("package-cache-left", "rm -rf /var/lib/apt/lists/* && apt-get update"),
        ("package-cache-left", "microdnf clean all && microdnf install -y a-1.0"),
        ("package-cache-left", "yarn"),
        ("prompting-installation", "apt-get --quiet install curl=1"),
        ("prompting-installation", "zypper install httpd=2"),
        ("pipe-without-pipefail", "curl -fsS https://a/b | sh"),
        ("sudo-in-build", "true && sudo -u app make"),
        ("verification-switched-off", "curl -fsSLk https://a/b"),
        ("verification-switched-off", "npm config set strict-ssl=false"),
        ("verification-switched-off", "GIT_SSL_NO_VERIFY=true git clone https://a/b"),
        ("shell-replaced-by-link", "ln -sfv /bin/bash /bin/sh"),
        ("password-set-in-build", "echo root:x | /usr/sbin/chpasswd"),
    ],
)
def test_a_command_is_seen_in_every_form_of_run(rule: str, line: str) -> None:
    assert lines(rule, f"{FROM}RUN {line}\n") == [2]
    assert lines(rule, f"{FROM}RUN <<EOF\n{line}\nEOF\n") == [3]
    assert lines(rule, f"{FROM}ONBUILD RUN {line}\n") == [2]
    assert lines(rule, f"{FROM}RUN set -eu; \\\n    {line}\n") == [3]


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("unpinned-package", "apt-get install -y ./local.deb $PACKAGES git=1:2.39 curl/bookworm"),
        ("unpinned-package", "apk add --no-cache 'libpq~=16'"),
        ("unpinned-package", "yum install -y rpm-sign-4.16.1.3 https://a/b.rpm"),
        ("unpinned-package", "pip install -r requirements.txt && pip install . 'a>=1' b==2"),
        ("unpinned-package", "pip install -c constraints.txt flask"),
        ("unpinned-package", "npm ci && npm install && npm install express@4.1.1 ./local"),
        ("unpinned-package", "gem install bundler -v 2.5 && go install ./... && cargo install --path ."),
        ("package-cache-left", "apt-get update && rm -rf /var/lib/apt/lists/*"),
        ("package-cache-left", "apt-get update && cd /var/lib && rm -rf apt dpkg"),
        ("package-cache-left", "PIP_NO_CACHE_DIR=1 pip install a==1"),
        ("package-cache-left", "yarn install && yarn cache clean"),
        ("package-cache-left", "dnf install -y a-1.0 && dnf clean all"),
        ("prompting-installation", "apt-get -yqq install curl"),
        ("prompting-installation", "apt-get -qq install curl && yes | apt-get install git"),
        ("prompting-installation", "zypper --non-interactive install httpd"),
        ("recommended-packages-installed", "apt-get -o APT::Install-Recommends=false install -y curl"),
        ("pipe-without-pipefail", "set -o pipefail && curl -fsS https://a/b | sh"),
        ("pipe-without-pipefail", "wget -q https://a/b || true"),
        ("sparse-user-number", "useradd -l -u 1000660000 app && useradd -u 12345 web"),
        ("stale-package-index", "apt-get update && apt-get install -y curl"),
    ],
)
def test_what_is_well_done_is_silent(rule: str, line: str) -> None:
    assert lines(rule, f"{FROM}RUN {line}\n") == []


def test_another_shell_is_not_read_as_a_posix_one() -> None:
    windows = 'FROM example/windows:1\nSHELL ["pwsh", "-Command"]\nRUN curl https://a/b | Out-Null\n'
    assert lines("pipe-without-pipefail", windows) == []
    assert (
        lines("verification-switched-off", f"{FROM}RUN <<EOF\n#!/usr/bin/env python3\ncurl -k\nEOF\n") == []
    )


def test_the_shell_in_force_is_inherited_and_ends_with_its_stage() -> None:
    base = 'FROM debian:12.7 AS base\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\n'
    pipe = "RUN curl -fsS https://a/b | sh\n"
    text = f"{base}{pipe}FROM base\n{pipe}FROM debian:12.7\n{pipe}"
    assert lines("pipe-without-pipefail", text) == [7]


def test_only_shipped_layers_keep_a_cache() -> None:
    text = "FROM node:22.9.0 AS build\nRUN yarn install\nFROM node:22.9.0\nCOPY --from=build /app /app\n"
    assert lines("package-cache-left", text) == []
    assert lines("package-cache-left", text.replace("FROM node:22.9.0\n", "FROM build\n")) == [2]


def test_a_cache_mount_keeps_the_layer_clean() -> None:
    run = "RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt\n"
    assert lines("package-cache-left", FROM + run) == []
    assert lines("package-cache-left", FROM + run.replace("/root/.cache/pip", "/var/other")) == [2]
    assert lines("package-cache-left", f"{FROM}ENV PIP_NO_CACHE_DIR=off\nRUN pip install a==1\n") == [3]


@pytest.mark.parametrize(
    ("comment", "rule", "line"),
    [
        (
            "# hadolint ignore=DL4006",
            "pipe-without-pipefail",
            "RUN true \\\n    && curl -fsS https://a/b | sh",
        ),
        ("# trivy:ignore:AVD-DS-0010", "sudo-in-build", "RUN sudo make"),
        ("# checkov:skip=CKV_DOCKER_9: known", "apt-in-script", "RUN apt update"),
    ],
)
def test_a_peers_ignore_comment_is_heard(comment: str, rule: str, line: str) -> None:
    assert lines(rule, f"{FROM}{line}\n") != []
    assert lines(rule, f"{FROM}{comment}\n{line}\n") == []


def test_ignores_of_a_stage_and_of_checks_are_heard() -> None:
    stage = "FROM node:22.9.0\nEXPOSE 80000\n"
    assert lines("invalid-exposed-port", f"{stage}# hadolint stage ignore=DL3011\n{stage}") == [2]
    command = "FROM node:22.9.0\nCMD node x\n"
    assert lines("shell-form-command", command) == [2]
    assert lines("shell-form-command", f"# check=skip=JSONArgsRecommended;error=true\n{command}") == []


def test_what_needs_a_shell_stays_and_a_broken_list_is_mended() -> None:
    rule, image = "shell-form-command", "FROM node:22.9.0\n"
    assert lines(rule, f"{image}CMD node a && node b\n") == [2]
    assert fixed(rule, f"{image}CMD ['node', 'a']\n") == f'{image}CMD ["node", "a"]\n'
    assert fixed(rule, f"{image}CMD node $A\n") == f"{image}CMD node $A\n"


def test_a_shell_below_an_init_is_for_auditors() -> None:
    def regular(entrypoint: str) -> list[str]:
        text = f"FROM node:22.9.0\nENTRYPOINT {entrypoint}\nCMD node a\n"
        return [one.rule for one in check({"Dockerfile": text}) if one.rule == "shell-form-command"]

    assert regular('["dumb-init", "--"]') == []
    assert regular('["docker-entrypoint.sh"]') == ["shell-form-command"]


@pytest.mark.parametrize(
    ("rule", "text", "good"),
    [
        (
            "package-cache-left",
            "RUN apt-get update && \\\n    apt-get install -y curl=1\n",
            "RUN apt-get update && \\\n    apt-get install -y curl=1 \\\n"
            "    && rm -rf /var/lib/apt/lists/*\n",
        ),
        ("package-cache-left", "RUN <<EOF\nyarn\nEOF\n", "RUN <<EOF\nyarn\nyarn cache clean\nEOF\n"),
        ("deprecated-dockerfile-form", "MAINTAINER A B\n", 'LABEL org.opencontainers.image.authors="A B"\n'),
        ("deprecated-dockerfile-form", "RUN a \\\n\n  && b\n", "RUN a \\\n  && b\n"),
        ("deprecated-dockerfile-form", "ENV A b c\n", 'ENV A="b c"\n'),
        ("inconsistent-casing", "expose 80\n", "EXPOSE 80\n"),
        ("user-by-name", "RUN useradd -u 77 a\nUSER a\n", "RUN useradd -u 77 a\nUSER 77\n"),
        ("relative-workdir", "WORKDIR /a\nWORKDIR b\n", "WORKDIR /a\nWORKDIR b\n"),
    ],
)
def test_fixes_keep_the_form(rule: str, text: str, good: str) -> None:
    assert fixed(rule, FROM + text) == FROM + good


def test_a_place_far_down_is_told_from_the_keyword_on() -> None:
    far = "RUN a \\\n    && b \\\n    && c \\\n    && sudo make\n"
    assert lines("sudo-in-build", FROM + far) == [2]


def test_variables_are_followed_from_the_preamble_into_stages() -> None:
    rule = "unset-build-variable"
    assert lines(rule, "ARG V=1\nFROM debian:12.7\nRUN curl https://a/$V\n") == [3]
    assert lines(rule, "ARG V=1\nFROM debian:12.7\nARG V\nRUN curl https://a/$V\n") == []
    assert lines(rule, "ARG V=1\nFROM debian:12.7\nRUN V=2; curl https://a/$V\n") == []
    assert lines(rule, "FROM debian:12.7\nCOPY a-$TARGETARCH /a\n") == [2]
    assert lines(rule, "FROM debian:$V\nENV PATH=/a:$PATH B=$FROM_THE_BASE_IMAGE\n") == [1]


def test_sources_of_copies() -> None:
    rule = "copy-from-missing-stage"
    stages = "FROM node:22.9.0 AS build\nFROM node:22.9.0\n"
    assert lines(rule, f"{stages}COPY --from=build /a /a\nCOPY --from=0 /a /a\nCOPY --from=$S /a /a\n") == []
    assert lines(rule, f"{stages}COPY --from=ghcr.io/a/b:1 /a /a\nCOPY --from=busybox:1 /a /a\n") == []
    assert lines(rule, f"{stages}COPY --from=1 /a /a\nRUN --mount=from=nowhere,target=/x true\n") == [3, 4]


def test_secrets_are_told_by_value_and_by_name() -> None:
    rule = "secret-in-image"
    assert lines(rule, f"{FROM}ENV A=1 DB_PASSWORD=hunter22 \\\n    B=2\n") == [2]
    assert lines(rule, f"{FROM}ARG NPM_TOKEN\nENV TOKEN_FILE=/run/x PUBLIC_KEY=abc\n") == [2]
