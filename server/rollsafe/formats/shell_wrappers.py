"""Prefixes that only say how a command is run: `sudo`, `npx`, `docker exec web`, `ssh host`.

What is below the prefix is the command a script is about. The table lists, per prefix, which of
its flags take a value and how many operands stand before the wrapped command.
"""

from collections.abc import Sequence
from typing import Final

from rollsafe.formats.shell_nodes import reach
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_LAYERS: Final = 8
_ASSIGNMENT: Final = lazily(r"[A-Za-z_]\w*\+?=")
_PYTHON: Final = lazily(r"py|python(?:\d(?:\.\d+)?)?t?")
_IMAGE_TAG: Final = lazily(r"[:@][^/]*$")

IMAGES: Final = {
    "flyway/flyway": "flyway",
    "redgate/flyway": "flyway",
    "liquibase/liquibase": "liquibase",
    "migrate/migrate": "migrate",
    "amazon/aws-cli": "aws",
    "hashicorp/terraform": "terraform",
    "opentofu/opentofu": "tofu",
    "alpine/helm": "helm",
    "bitnami/kubectl": "kubectl",
    "arigaio/atlas": "atlas",
    "amacneil/dbmate": "dbmate",
    "sqitch/sqitch": "sqitch",
    "postman/newman": "newman",
    "grafana/k6": "k6",
}
"""Images whose entry point is the tool, so that the words after the image are its arguments."""


class Wrapper(NamedTuple):
    """How one prefix is written.

    `words`: the subcommand that makes it a prefix. `values`: flags that take a value. `operands`:
    how many words stand before the wrapped command. `scripts`: flags whose value is a command
    line. `dashes`: the command follows `--`. `line`: a single remaining word is a command line.
    `stops`: flags with which it is a command in its own right.
    """

    words: tuple[str, ...] = ()
    values: frozenset[str] = frozenset()
    operands: int = 0
    scripts: frozenset[str] = frozenset()
    dashes: bool = False
    line: bool = False
    stops: frozenset[str] = frozenset()


class Stripped(NamedTuple):
    """The command begins at word `at`; `script` is the index of a word that is a command line.

    `names` are the prefixes, outermost first; `assigned` the indexes of `A=b` words among them;
    `tool` replaces the first word when that is only the image of a tool.
    """

    at: int
    names: tuple[str, ...]
    assigned: tuple[int, ...]
    script: int | None = None
    tool: str = ""


def strip(texts: Sequence[str]) -> Stripped:
    """Find the command below the prefixes of `texts`; without prefixes it begins at 0."""
    at = 0
    names: list[str] = []
    assigned: list[int] = []
    for _ in range(_LAYERS):
        at = _pass_assignments(texts, at, assigned)
        layer = _layer(texts, at)
        if layer is None:
            break
        name, after, script, tool = layer
        names.append(name)
        if script or tool or after >= len(texts):
            return Stripped(after, tuple(names), tuple(assigned), after if script else None, tool)
        at = after
    return Stripped(at, tuple(names), tuple(assigned))


class _Layer(NamedTuple):
    name: str
    after: int
    script: bool = False
    tool: str = ""


def _pass_assignments(texts: Sequence[str], at: int, assigned: list[int]) -> int:
    while at < len(texts) and _ASSIGNMENT.match(texts[at]):
        assigned.append(at)
        at += 1
    return at


def _layer(texts: Sequence[str], at: int) -> _Layer | None:
    if at >= len(texts):
        return None
    name = texts[at].rpartition("/")[2]
    for wrapper in WRAPPERS.get(name, ()):
        after = reach(texts, at + 1, wrapper.words) if wrapper.words else at + 1
        if after is not None:
            return _below(texts, after, " ".join((name, *wrapper.words)), wrapper)
    if name in _INTERPRETERS or _PYTHON.fullmatch(name):
        return _interpreted(texts, at, name)
    return None


def _below(texts: Sequence[str], at: int, name: str, wrapper: Wrapper) -> _Layer | None:
    if wrapper.dashes and "--" in texts[at:]:
        after = texts.index("--", at) + 1
        return _Layer(name, after) if after < len(texts) else None
    operands = wrapper.operands
    while at < len(texts):
        text = texts[at]
        flag, equals, _ = text.partition("=")
        if flag in wrapper.scripts and not equals and at + 1 < len(texts):
            return _Layer(name, at + 1, script=True)
        if flag in wrapper.stops:
            return None
        if text == "--":
            at += 1
            continue
        if text[:1] == "-" and len(text) > 1:
            at += 2 if flag in wrapper.values and not equals else 1
            continue
        if not operands:
            return _found(texts, at, name, wrapper)
        operands -= 1
        at += 1
        tool = _tool(texts, at - 1, name) if not operands else ""
        if tool:
            return _Layer(name, at - 1, tool=tool)
    return None


def _found(texts: Sequence[str], at: int, name: str, wrapper: Wrapper) -> _Layer:
    single = wrapper.line and at == len(texts) - 1
    return _Layer(name, at, script=single and " " in texts[at])


def _tool(texts: Sequence[str], at: int, name: str) -> str:
    if not name.startswith(("docker", "podman", "nerdctl")):
        return ""
    image = _IMAGE_TAG.sub("", texts[at])
    return IMAGES.get("/".join(image.split("/")[-2:]), "")


def _interpreted(texts: Sequence[str], at: int, name: str) -> _Layer | None:
    """Pass over an interpreter to the module or script it runs."""
    values = _INTERPRETERS.get(name, _PYTHON_VALUES)
    after = at + 1
    while after < len(texts) and texts[after][:1] == "-":
        flag = texts[after]
        if name in _SHELLS and flag[:2] != "--" and flag.endswith("c"):
            return _Layer(name, after + 1, script=True) if after + 1 < len(texts) else None
        if flag == "-m" and name not in _INTERPRETERS:
            return _Layer(f"{name} -m", after + 1) if after + 1 < len(texts) else None
        if flag in ("-c", "-e", "-r", "--eval", "-", "-s", "-i"):
            return None
        after += 2 if flag in values else 1
    return _Layer(name, after) if after < len(texts) else None


def _wrap(
    words: str = "",
    values: str = "",
    operands: int = 0,
    scripts: str = "",
    *,
    dashes: bool = False,
    line: bool = False,
    stops: str = "",
) -> Wrapper:
    return Wrapper(
        tuple(words.split()),
        frozenset(values.split()),
        operands,
        frozenset(scripts.split()),
        dashes,
        line,
        frozenset(stops.split()),
    )


_SHELLS: Final = frozenset({"bash", "sh", "zsh", "dash", "ash", "ksh"})
_PYTHON_VALUES: Final = frozenset({"-W", "-X"})
_INTERPRETERS: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(_SHELLS, frozenset({"-o", "-O", "--rcfile", "--init-file"})),
    "php": frozenset({"-d", "-c"}),
    "node": frozenset({"-r", "--require", "--import", "--loader", "--env-file"}),
    "ruby": frozenset({"-I", "-r", "-C"}),
    "tsx": frozenset({"--tsconfig", "--env-file"}),
    "ts-node": frozenset({"-P", "--project", "-r"}),
    "pwsh": frozenset({"-ExecutionPolicy"}),
    "powershell": frozenset({"-ExecutionPolicy"}),
}

_RUN: Final = (
    "-e --env -v --volume -p --publish --name --network --net -w --workdir -u --user --entrypoint"
    " --env-file --mount -h --hostname --label -l --platform --cpus -m --memory --add-host"
    " --restart --gpus --shm-size --ulimit --cap-add --cap-drop --security-opt --tmpfs --pull --link"
    " --ipc --log-driver --log-opt --volumes-from --device --dns --ip --pid --cidfile --expose -a"
    " --attach --stop-signal --runtime --userns --group-add --network-alias --health-cmd --index"
)
_DETACH: Final = "-d --detach"
_SSH: Final = "-i -p -l -o -F -J -L -R -D -b -c -E -e -I -m -O -Q -S -W -w -B"
_KUBECTL: Final = "-c --container -n --namespace --context --kubeconfig --cluster --user"
_CONTAINERS: Final = (
    _wrap("compose run", _RUN, 1, stops=_DETACH),
    _wrap("compose exec", _RUN, 1),
    _wrap("container run", _RUN, 1, stops=_DETACH),
    _wrap("container exec", _RUN, 1),
    _wrap("run", _RUN, 1, stops=_DETACH),
    _wrap("exec", _RUN, 1),
)
_COMPOSE: Final = (_wrap("run", _RUN, 1, stops=_DETACH), _wrap("exec", _RUN, 1))
_UV: Final = (
    "--with --with-requirements --python -p --group --no-group --only-group --extra --directory"
    " --project --env-file --package --index --index-url --from --cache-dir"
)
_NPX: Final = "-p --package -w --workspace"
_SECRETS: Final = _wrap("run", "-p --project -c --config -e --env --env-file", dashes=True)

WRAPPERS: Final[dict[str, tuple[Wrapper, ...]]] = {
    **dict.fromkeys(
        ("time", "nohup", "command", "builtin", "setsid", "stdbuf", "unbuffer", "winpty"),
        (_wrap(),),
    ),
    "sudo": (_wrap(values="-u -g -h -p -C -T -U -r -t -D --user --group"),),
    "doas": (_wrap(values="-u -C"),),
    "exec": (_wrap(values="-a"),),
    "env": (_wrap(values="-u --unset -C --chdir", scripts="-S --split-string"),),
    "nice": (_wrap(values="-n --adjustment"),),
    "ionice": (_wrap(values="-c -n -p"),),
    "timeout": (_wrap(values="-k -s --kill-after --signal", operands=1),),
    "gtimeout": (_wrap(values="-k -s --kill-after --signal", operands=1),),
    "flock": (_wrap(values="-w -E --timeout --wait", operands=1, scripts="-c --command"),),
    "xargs": (_wrap(values="-n -I -P -L -d -s -a -E --max-args --max-procs --delimiter"),),
    "watch": (_wrap(values="-n --interval", line=True),),
    "eval": (_wrap(line=True),),
    "su": (_wrap(values="-s --shell -g --group", operands=1, scripts="-c --command"),),
    "gosu": (_wrap(operands=1),),
    "su-exec": (_wrap(operands=1),),
    "runuser": (_wrap(values="-u --user", scripts="-c --command"),),
    "xvfb-run": (_wrap(values="-s --server-args -n --server-num -e -f"),),
    "cross-env": (_wrap(),),
    "cross-env-shell": (_wrap(line=True),),
    "env-cmd": (_wrap(values="-f --file -e --environments -r --rc-file"),),
    "dotenv": (_wrap(values="-e -c -f -v", dashes=True),),
    "dotenvx": (_SECRETS,),
    "doppler": (_SECRETS,),
    "infisical": (_SECRETS,),
    "op": (_SECRETS,),
    "teller": (_SECRETS,),
    "chamber": (_wrap("exec", operands=1, dashes=True),),
    "aws-vault": (_wrap("exec", "-d --duration --region", 1, dashes=True),),
    "sops": (_wrap("exec-env", operands=1, line=True),),
    "npx": (_wrap(values=_NPX, scripts="-c --call"),),
    "bunx": (_wrap(values=_NPX),),
    "npm": (_wrap("exec", _NPX, scripts="-c --call"), _wrap("x", _NPX)),
    "pnpm": (_wrap("dlx", "--package -C --dir --filter -F"), _wrap("exec", "-C --dir")),
    "yarn": (_wrap("dlx", "-p --package"), _wrap("exec")),
    "bun": (_wrap("x"),),
    "pnpx": (_wrap(),),
    "lerna": (_wrap("exec", "--scope --concurrency", dashes=True),),
    "uv": (_wrap("run", _UV), _wrap("tool run", _UV)),
    "uvx": (_wrap(values=_UV),),
    "pipx": (_wrap("run", "--spec --python"),),
    "poetry": (_wrap("run", "-C --directory"),),
    "pipenv": (_wrap("run"),),
    "pdm": (_wrap("run", "-p --project"),),
    "hatch": (_wrap("run", "-e --env"),),
    "rye": (_wrap("run"),),
    "pixi": (_wrap("run", "-e --environment"),),
    "conda": (_wrap("run", "-n --name -p --prefix"),),
    "bundle": (_wrap("exec"),),
    "mise": (_wrap("exec", dashes=True), _wrap("x", dashes=True)),
    "nix": (_wrap("develop"), _wrap("shell", dashes=True)),
    "nix-shell": (_wrap(values="-p --packages", scripts="--run --command"),),
    "devbox": (_wrap("run", "-c --config -e --env", dashes=True),),
    "dotnet": (_wrap("tool run"),),
    "docker": _CONTAINERS,
    "podman": _CONTAINERS,
    "nerdctl": _CONTAINERS,
    "docker-compose": _COMPOSE,
    "podman-compose": _COMPOSE,
    "kubectl": (_wrap("exec", _KUBECTL, 1, dashes=True),),
    "oc": (_wrap("exec", _KUBECTL, 1, dashes=True), _wrap("rsh", _KUBECTL, 1)),
    "aws": (
        _wrap(
            "ecs execute-command",
            "--cluster --task --container --region --profile --task-arn",
            scripts="--command",
        ),
    ),
    "az": (_wrap("containerapp exec", "-n --name -g --resource-group", scripts="--command"),),
    "ssh": (_wrap(values=_SSH, operands=1, line=True),),
    "sshpass": (_wrap(values="-p -f -d -P"),),
    "autossh": (_wrap(values=f"{_SSH} -M", operands=1, line=True),),
    "gcloud": (_wrap("compute ssh", "--zone --project", 1, "--command"),),
    "vagrant": (_wrap("ssh", scripts="-c --command"),),
    "eb": (_wrap("ssh", scripts="-c --command"),),
    "heroku": (_wrap("run", "-a --app -r --remote -s --size --type", line=True),),
    "fly": (_wrap("ssh console", "-a --app -r --region", scripts="-C --command"),),
    "flyctl": (_wrap("ssh console", "-a --app -r --region", scripts="-C --command"),),
    "railway": (_wrap("run", "-s --service -e --environment"),),
    "copilot": (_wrap("svc exec", "-a --app -n --name -e --env", scripts="-c --command"),),
}
"""Prefixes by first word; of several, the first whose subcommand is there applies."""
