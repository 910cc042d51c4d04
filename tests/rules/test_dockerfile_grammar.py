"""What Docker's builder refuses in a Dockerfile, and what it takes although it looks odd."""

import pytest

from tests.checking import check_rule

FROM = "FROM debian:12.7\n"


def lines(text: str) -> list[int]:
    """Return the lines at which `refused-instruction` finds something in a Dockerfile."""
    return [one.line for one in check_rule("refused-instruction", {"Dockerfile": text})]


@pytest.mark.parametrize(
    "line",
    [
        "COPY --user=me a /b",
        "COPY --From=base a /b",
        "COPY --chown a /b",
        "COPY --from=x --from=y a /b",
        "COPY --link=maybe a /b",
        "COPY --link=$LINK a /b",
        "COPY app",
        "ADD app.tar",
        'COPY ["app"]',
        "RUN --foo=bar true",
        "RUN --mount=type=cach,target=/x true",
        "RUN --network=hosts true",
        "RUN --security=insecur true",
        "CMD --config /etc/app.toml",
        "ENTRYPOINT --config /etc/app.toml",
        "ENV PATH",
        "ENV a=b c",
        "ENV a=b # why",
        'ENV A="a b',
        "ENV A='a\\'b'",
        "ENV GREETING don't",
        "LABEL maintainer",
        'LABEL title="shop',
        "ARG =x",
        "ARG A=it's",
        "EXPOSE http",
        "EXPOSE 80/http",
        "EXPOSE 80, 443",
        "EXPOSE 80-",
        "USER it's",
        "VOLUME it's",
        "EXPOSE 8080 # the page",
        "HEALTHCHECK curl localhost",
        "HEALTHCHECK NONE x",
        "HEALTHCHECK CMD",
        "HEALTHCHECK --period=3s CMD true",
        "HEALTHCHECK --interval=5 CMD true",
        "SHELL /bin/bash -c",
        "STOPSIGNAL SIGTERM SIGKILL",
        "STOPSIGNAL FOO",
        "STOPSIGNAL 0",
        "STOPSIGNAL SIGRTMIN+16",
        "STOPSIGNAL RTMAX-15",
    ],
)
def test_what_the_parser_stops_at_is_told(line: str) -> None:
    assert lines(f"{FROM}{line}\n") == [2]


@pytest.mark.parametrize(
    "line",
    [
        "debian:12.7 build",
        "debian:12.7 AS",
        "debian:12.7 AS a b",
        "debian:12.7 # the base",
        "debian:12.7 AS 1st",
        "debian:12.7 AS my_build!",
        "--plaform=linux/amd64 debian:12.7",
    ],
)
def test_what_from_does_not_take_is_told(line: str) -> None:
    assert lines(f"FROM {line}\n") == [1]


@pytest.mark.parametrize(
    "line",
    [
        "COPY --from=base --chown=app --chmod=644 --link --parents --exclude=*.md --exclude=*.go a /b",
        'COPY ["a", "/b"]',
        "COPY <<EOF /b\nit's\nEOF",
        "ADD --keep-git-dir=true --checksum=sha256:0 --unpack=false https://a/b.git /b",
        "RUN --mount=type=cache,target=/x --mount=type=bind,from=base,z,target=/y --network=none true",
        "RUN --mount=target=. --security=insecure --device=gpu it's",
        'CMD ["--config", "/etc/app.toml"]',
        "CMD -- config",
        "ENV A b",
        "ENV A = b",
        "ENV A=\"it's\" B='\"' C=a\\\"b D=don\\'t",
        'ENV A="a \\\n  b"',
        'ENV A=${B:-"it\'s"}',
        'LABEL maintainer Erik <erik@a.b>\\"',
        "ARG A B=c",
        "ARG A=1 # don't",
        "MAINTAINER O'Neill",
        "EXPOSE 80/tcp 8000-8010/udp $PORT 443",
        "HEALTHCHECK NONE",
        "HEALTHCHECK --interval=1m30s --timeout=0 --retries=3 --start-interval=500ms cmd true",
        'HEALTHCHECK CMD ["true"]',
        'SHELL ["/bin/bash", "-c"]',
        "STOPSIGNAL sigquit",
        "STOPSIGNAL 9",
        "STOPSIGNAL RTMAX-14",
        "STOPSIGNAL SIGRTMIN+3",
        "STOPSIGNAL $SIGNAL",
        "ONBUILD COPY --user=me a /b",
    ],
)
def test_what_the_parser_takes_is_not_told(line: str) -> None:
    assert lines(f"{FROM}{line}\n") == []


def test_the_escape_of_the_file_is_the_one_that_counts() -> None:
    assert lines(f'# escape=`\n{FROM}ENV A="a`"b"\n') == []
    assert lines(f'# escape=`\n{FROM}WORKDIR "C:\\"\n') == []


@pytest.mark.parametrize(
    "text",
    [
        "# syntax=example.org/own-frontend:1\nFROM debian:12.7\nCOPY --user=me a /b\n",
        "FROM debian:12.7\n{% if a %}\nCOPY --user=me a /b\n{% endif %}\n",
        "FROM {{ base }} build\n",
    ],
)
def test_files_for_other_readers_are_left_alone(text: str) -> None:
    assert lines(text) == []


def test_the_frontends_of_docker_are_read_like_none() -> None:
    for name in ("docker/dockerfile:1", "docker.io/docker/dockerfile-upstream:master"):
        assert lines(f"# syntax={name}\n{FROM}COPY --user=me a /b\n") == [3]


def test_hostile_words_are_told_once_and_soon() -> None:
    assert lines(f"{FROM}RUN --mount={'type=x,' * 5_000} true\n") == [2]
    assert lines(f"{FROM}ARG {'a' * 50_000}='\n") == [2]
    assert lines(f"{FROM}COPY --{'x' * 20_000} a /b\n") == [2]
