"""Faults a client can provoke, each answered as the protocol says and none of them shown to the user."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.conftest import SHOP, Start, spoken_environment, write
from tests.lsp.stdio import VSCODE, Client, Json, running, silent, span

INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32600, -32601, -32602
PARSE_ERROR, NOT_INITIALIZED, CANCELLED = -32700, -32002, -32800


@pytest.fixture(scope="module")
def served(module_directory: Path) -> Generator[tuple[Client, Path]]:
    """A server that has read a workspace, for tests that leave it as it was."""
    root = write(module_directory / "shop", {**SHOP, ".env": "A=SIMPLE\n"})
    with running(module_directory, spoken_environment(module_directory)) as client:
        client.initialize(root)
        client.settled()
        yield client, root


def code(answer: Json) -> int | None:
    found: int | None = answer.get("error", {}).get("code")
    return found


def popups(client: Client) -> list[Json]:
    shown = ("window/showMessage", "window/showMessageRequest")
    return [message for message in client.sync() if message.get("method") in shown]


def where(root: Path, name: str = "k8s/orders.yaml", **position: Any) -> Json:
    found: Json = {"textDocument": {"uri": (root / name).as_uri()}}
    return {**found, "position": position} if position else found


# 1: parameters of the wrong shape


@pytest.mark.parametrize(
    "params",
    [
        {"textDocument": {"uri": "file:///x.yaml"}},
        {"position": {"line": 0, "character": 0}},
        {"textDocument": {"uri": "file:///x.yaml"}, "position": {"line": -1, "character": 0}},
        {"textDocument": {"uri": "file:///x.yaml"}, "position": {"line": "0", "character": None}},
        {"textDocument": 3, "position": []},
        [],
        None,
    ],
)
def test_wrong_parameters_are_answered(served: tuple[Client, Path], params: Any) -> None:
    client, root = served
    assert code(client.request("textDocument/hover", params)) == INVALID_PARAMS
    assert client.result("textDocument/hover", where(root, line=0, character=0)) is None
    assert popups(client) == []


def test_unknown_method_and_unknown_command_are_answered(served: tuple[Client, Path]) -> None:
    client, _ = served
    assert code(client.request("textDocument/bogus", {})) == METHOD_NOT_FOUND
    unknown: Json = {"command": "rollsafe.bogus", "arguments": []}
    assert code(client.request("workspace/executeCommand", unknown)) == INVALID_PARAMS


# 2: diagnostics of other servers


@pytest.mark.parametrize(
    "foreign",
    [
        {"range": span(0, 0, 0, 1), "message": "m", "severity": 0, "source": "other"},
        {"range": span(0, 0, 0, 1), "message": "m", "tags": [99], "source": "other"},
        {"range": "everywhere", "source": "other"},
        {"message": None},
    ],
)
def test_foreign_diagnostics_do_no_harm(served: tuple[Client, Path], foreign: Json) -> None:
    client, root = served
    uri = (root / ".env").as_uri()
    offered = client.actions(uri, span(0, 3, 0, 3), [foreign])
    assert "Write DONE" in [action["title"] for action in offered]
    assert all(d["source"] == "rollsafe" for action in offered for d in action.get("diagnostics", []))


def test_own_diagnostic_with_odd_values_is_understood(served: tuple[Client, Path]) -> None:
    client, root = served
    own = {"range": span(0, 2, 0, 8), "message": "m", "code": "spoken-simple", "source": "rollsafe"}
    offered = client.actions(
        (root / ".env").as_uri(), span(0, 3, 0, 3), [{**own, "severity": 0, "tags": [99]}]
    )
    assert offered[0]["title"] == "Write DONE"


# 3: capabilities nobody has heard of


def test_unknown_values_in_capabilities(shop: Path, start: Start) -> None:
    odd = {
        **VSCODE,
        "general": {"positionEncodings": ["utf-7", "utf-16"], "staleRequestSupport": "yes"},
        "workspace": {**VSCODE["workspace"], "workspaceEdit": {"failureHandling": "hope"}},
        "textDocument": {
            **VSCODE["textDocument"],
            "completion": {"completionItemKind": {"valueSet": [118_115]}},
            "foldingRange": "maybe",
        },
    }
    client = start(shop, odd)
    uri = client.open(shop / "k8s" / "orders.yaml")
    client.settled()
    assert client.result("textDocument/hover", where(shop, line=1, character=8)) is not None
    assert client.shown(uri)


@pytest.mark.parametrize("capabilities", [{}, {"textDocument": None}, {"workspace": [], "window": 3}])
def test_client_without_capabilities(shop: Path, start: Start, capabilities: Json) -> None:
    client = start(shop, capabilities)
    uri = client.open(shop / "k8s" / "orders.yaml")
    assert client.diagnostics(uri, 1)


# 4: keys that look like a message of their own


def test_nested_message_in_arguments(served: tuple[Client, Path]) -> None:
    client, _ = served
    inner: Json = {"jsonrpc": "2.0", "method": "exit", "id": 1, "params": {}}
    refused = client.request(
        "workspace/executeCommand", {"command": "rollsafe.explain", "arguments": [{"rule": inner}]}
    )
    assert code(refused) == INVALID_PARAMS
    fine = client.command("rollsafe.explain", {"rule": "unused-ignore", "more": inner})
    assert fine["title"] == "unused-ignore"


def test_nested_message_in_settings(shop: Path, start: Start) -> None:
    inner: Json = {"jsonrpc": "2.0", "method": "shutdown", "id": 7}
    client = start(shop, options={"trusted": True, "settings": {"x": inner}})
    client.settled()
    client.notify("workspace/didChangeConfiguration", {"settings": {"rollsafe": {"level": inner}}})
    assert client.result("textDocument/hover", where(shop, line=0, character=0)) is None


# 7: cancelling


@pytest.mark.parametrize("by", ["request", "progress"])
def test_cancelling_a_command_stops_it(shop: Path, start: Start, by: str) -> None:
    for number in range(400):
        write(shop, {f"k8s/more/{number}.yaml": SHOP["k8s/orders.yaml"].replace("orders", f"o{number}")})
    client = start(shop)
    client.settled()
    client.command("rollsafe.explain", {"rule": "unused-ignore"})
    params = {"command": "rollsafe.plan", "arguments": [{"kind": "deploy"}], "workDoneToken": "mine"}
    request = client.ask("workspace/executeCommand", params)
    client.until(lambda m: m.get("method") == "$/progress" and m["params"]["value"]["kind"] == "begin")
    if by == "request":
        client.notify("$/cancelRequest", {"id": request})
    else:
        client.notify("window/workDoneProgress/cancel", {"token": "mine"})
    assert code(client.answer(request)) == CANCELLED
    steps = [m["params"]["value"] for m in client.quiet(0.5) if m.get("method") == "$/progress"]
    assert "Writing the plan" not in [step.get("message") for step in steps]
    assert steps[-1]["kind"] == "end"


def test_cancelling_what_is_unknown_does_nothing(served: tuple[Client, Path]) -> None:
    client, root = served
    for params in ({"id": 4711}, {"id": "x"}, {"id": [1]}, {}, None):
        client.notify("$/cancelRequest", params)
    client.notify("window/workDoneProgress/cancel", {"token": 4711})
    assert client.result("textDocument/hover", where(root, line=0, character=0)) is None


# 8: outside of a session


def test_nothing_is_answered_before_initialize(tmp_path: Path) -> None:
    with running(tmp_path) as client:
        assert code(client.request("textDocument/hover", {})) == NOT_INITIALIZED
        assert code(client.request("shutdown")) == NOT_INITIALIZED
        client.open("file:///early.yaml", "a: 1\n")
        client.initialize(tmp_path)
        assert code(client.request("initialize", {"capabilities": {}})) == INVALID_REQUEST


def test_nothing_is_answered_after_shutdown(shop: Path, start: Start) -> None:
    client = start(shop)
    client.result("shutdown")
    client.open(shop / "k8s" / "orders.yaml")
    assert code(client.request("textDocument/hover", where(shop, line=0, character=0))) == INVALID_REQUEST
    assert code(client.request("initialize", {"capabilities": {}})) == INVALID_REQUEST
    client.notify("exit")
    assert client.process.wait(5) == 0


# 9, 13: other transports are not offered


@pytest.mark.parametrize("option", ["--tcp", "--ws"])
def test_there_is_no_other_transport(option: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rollsafe", "server", option], stdin=subprocess.DEVNULL, check=False,
        capture_output=True,
    )  # fmt: skip
    assert done.returncode == 2


# 10: answers that come when nobody waits any more


def test_late_answers_are_dropped(shop: Path, start: Start) -> None:
    client = start(shop)
    client.settled()
    client.answers["window/workDoneProgress/create"] = silent
    request = client.ask("workspace/executeCommand", {"command": "rollsafe.plan", "arguments": [{}]})
    asked = client.until(lambda m: m.get("method") == "window/workDoneProgress/create")
    client.notify("$/cancelRequest", {"id": request})
    assert code(client.answer(request)) == CANCELLED
    client.send({"id": asked["id"], "result": None})
    client.send({"id": asked["id"], "result": None})
    client.send({"id": "never asked", "result": {"x": 1}})
    client.send({"id": "never asked", "error": {"code": 1, "message": "m"}})
    assert client.result("textDocument/hover", where(shop, line=0, character=0)) is None
    assert "InvalidStateError" not in client.text_of_log()


@pytest.mark.parametrize("answer", [{"error": {"code": -32601, "message": "no"}}, {"result": 3}])
def test_client_that_refuses_what_it_announced(shop: Path, start: Start, answer: Json) -> None:
    client = start(shop)
    methods = ("client/registerCapability", "workspace/configuration", "workspace/codeLens/refresh")
    client.answers |= dict.fromkeys(methods, silent)
    for _ in range(2):
        asked = client.until(lambda m: m.get("method") in methods)
        client.send({"id": asked["id"], **answer})
    assert client.result("textDocument/hover", where(shop, line=0, character=0)) is None


# 11: requests that are stale before they are read


def test_requests_cancelled_before_they_are_read_cost_nothing(served: tuple[Client, Path]) -> None:
    client, root = served
    busy: Json = {"uri": (root / "busy.env").as_uri(), "languageId": "x", "version": 1, "text": "A=SLOW\n"}
    params: Json = {**where(root), "range": span(0, 0, 9, 0), "context": {"diagnostics": []}}
    ids = [f"stale-{number}" for number in range(60)]
    messages = [{"id": one, "method": "textDocument/codeAction", "params": params} for one in ids]
    messages += [{"method": "$/cancelRequest", "params": {"id": one}} for one in ids]
    client.send_bytes(framed({"method": "textDocument/didOpen", "params": {"textDocument": busy}}))
    time.sleep(0.1)  # the document keeps the server busy for 0.3 s, in which all the others arrive
    client.send_bytes(b"".join(map(framed, messages)))
    answers = [client.answer(one) for one in ids]
    assert [code(answer) for answer in answers].count(CANCELLED) > 30
    client.close(busy["uri"])


def framed(message: Mapping[str, Any]) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


# 12: documents that are not open


def test_documents_that_are_not_open(served: tuple[Client, Path]) -> None:
    client, root = served
    never = (root / "never.yaml").as_uri()
    client.change(never, 1, {"text": "x"})
    client.change(never, 2, {"range": span(0, 0, 0, 0), "text": "x"})
    client.close(never)
    client.notify("textDocument/didSave", {"textDocument": {"uri": never}})
    assert client.result("textDocument/hover", where(root, "never.yaml", line=0, character=0)) is None
    assert popups(client) == []


@pytest.mark.parametrize(
    "params",
    [None, {}, {"textDocument": {}}, {"textDocument": {"uri": 3, "text": 4}}, {"contentChanges": {}}, [1]],
)
@pytest.mark.parametrize(
    "method",
    [
        "textDocument/didOpen",
        "textDocument/didChange",
        "textDocument/didClose",
        "textDocument/didSave",
        "workspace/didChangeConfiguration",
        "workspace/didChangeWatchedFiles",
        "workspace/didChangeWorkspaceFolders",
        "workspace/didRenameFiles",
        "$/setTrace",
        "rollsafe/bogus",
    ],
)
def test_malformed_notifications_do_no_harm(served: tuple[Client, Path], method: str, params: Any) -> None:
    client, root = served
    client.notify(method, params)
    assert client.result("textDocument/hover", where(root, line=0, character=0)) is None


# 14, 15: the end


def test_end_of_input_ends_the_server(shop: Path, start: Start) -> None:
    client = start(shop)
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert client.process.wait(5) == 0


@pytest.mark.parametrize(
    ("goodbye", "expected"), [(("shutdown", "exit"), 0), (("exit",), 1), (("shutdown",), 0)]
)
def test_goodbye_counts_although_the_input_ends_with_it(
    shop: Path, start: Start, goodbye: tuple[str, ...], expected: int
) -> None:
    client = start(shop)
    messages = [{"method": method, **({"id": 77} if method == "shutdown" else {})} for method in goodbye]
    client.send_bytes(b"".join(map(framed, messages)))
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert client.process.wait(5) == expected
    if "shutdown" in goodbye:
        assert client.answer(77)["result"] is None


def test_server_whose_protocol_library_is_broken_still_has_findings(tmp_path: Path) -> None:
    root = write(tmp_path / "w", {".env": "A=SIMPLE\n"})
    environment = spoken_environment(tmp_path)
    (tmp_path / "site" / "lsprotocol.py").write_text("raise ImportError('broken')\n")
    with running(tmp_path, environment) as client:
        client.initialize(root)
        uri = client.open(root / ".env")
        assert client.diagnostics(uri, 1)
        for _ in range(2):
            assert (
                code(client.request("textDocument/hover", where(root, ".env", line=0, character=3))) == -32603
            )


def test_exit_without_shutdown(shop: Path, start: Start) -> None:
    client = start(shop)
    client.notify("exit")
    assert client.process.wait(5) == 1


def test_exit_after_shutdown_while_reading(shop: Path, start: Start) -> None:
    client = start(shop)
    assert client.stop() == 0


def test_exit_before_initialize(tmp_path: Path) -> None:
    with running(tmp_path) as client:
        client.notify("exit")
        assert client.process.wait(5) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="processes have no parent that changes")
def test_server_ends_with_whoever_started_it(shop: Path) -> None:
    """The input stays open in a third process, so only the parent's death tells."""
    script = (
        "import os, subprocess, sys, time\n"
        "read, write = os.pipe()\n"
        "holder = subprocess.Popen(['sleep', '30'], pass_fds=[write], stdout=subprocess.DEVNULL)\n"
        "server = subprocess.Popen([sys.executable, '-m', 'rollsafe', 'server'], stdin=read,\n"
        "                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        'body = b\'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}\'\n'
        "os.write(write, b'Content-Length: %d\\r\\n\\r\\n%b' % (len(body), body))\n"
        "print(server.pid, holder.pid, flush=True)\n"
        "time.sleep(1)\n"
    )
    starter = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=True, cwd=shop)
    server, holder = map(int, starter.stdout.split())
    try:
        end = time.monotonic() + 15
        while is_alive(server) and time.monotonic() < end:
            time.sleep(0.1)
        assert not is_alive(server)
    finally:
        os.kill(holder, signal.SIGKILL)


def is_alive(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat", encoding="ascii") as stream:
            return stream.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# Beyond the list: what arrives broken


def test_garbage_between_messages(served: tuple[Client, Path]) -> None:
    client, root = served
    client.send_body(b"{not json")
    assert code(client.answer(None)) == PARSE_ERROR
    client.send_body(b"[1, 2]")
    assert code(client.answer(None)) == INVALID_REQUEST
    client.send_body(b"\xff\xfe")
    assert code(client.answer(None)) == PARSE_ERROR
    client.send_body(b"[" * 100_000)
    assert code(client.answer(None)) == PARSE_ERROR
    client.send({"id": 9, "method": 5})
    assert code(client.answer(9)) == INVALID_REQUEST
    client.send({"id": [1], "method": "textDocument/hover"})
    assert code(client.answer(None)) == INVALID_REQUEST
    client.send_bytes(b"content-length: 2\r\nContent-Type: x\r\n\r\n{}")
    assert client.result("textDocument/hover", where(root, line=0, character=0)) is None


def test_lone_surrogates_travel_both_ways(served: tuple[Client, Path]) -> None:
    client, root = served
    uri = (root / "odd.env").as_uri()
    client.notify(
        "textDocument/didOpen",
        {"textDocument": {"uri": uri, "languageId": "x", "version": 1, "text": "A='\ud83d' SIMPLE\n"}},
    )
    found = client.diagnostics(uri, 1)
    assert found[0]["range"] == span(0, 6, 0, 12)
    client.close(uri)


def test_failing_rule_costs_its_own_findings_and_leaks_nothing(tmp_path: Path, start_spoken: Start) -> None:
    root = write(tmp_path / "w", {".env": "A=CRASH SIMPLE\n"})
    client = start_spoken(root)
    uri = client.open(root / ".env")
    assert [found["code"] for found in client.diagnostics(uri, 1)] == ["spoken-simple"]
    status = client.settled()
    assert any("`spoken-crash`" in line for line in status["off"])
    assert popups(client) == []


def test_errors_tell_nothing_of_the_server(served: tuple[Client, Path]) -> None:
    client, _ = served
    broken = {"command": "rollsafe.applyFix", "arguments": [{"uri": "file:///nowhere", "fingerprint": "x"}]}
    answer = client.request("workspace/executeCommand", broken)
    assert answer["error"].keys() == {"code", "message"}
    assert "Traceback" not in str(answer)
    assert "/" not in answer["error"]["message"]


def test_stray_output_does_not_break_the_stream(tmp_path: Path) -> None:
    environment = spoken_environment(tmp_path)
    site = tmp_path / "site" / "sitecustomize.py"
    site.write_text(
        "import threading, time\ndef talk():\n    time.sleep(0.5)\n    print('stray')\n"
        "threading.Thread(target=talk, daemon=True).start()\n"
    )
    with running(tmp_path, environment) as client:
        client.initialize(tmp_path)
        client.settled()
        time.sleep(0.6)
        client.command("rollsafe.explain", {"rule": "unused-ignore"})
        assert client.stop() == 0
        assert "stray" in client.text_of_log()
