// The rows of a run: what is shown of a status of the server, and what can be done with each row.

import assert from "node:assert/strict";
import { test } from "node:test";

import { left, message, type Row, rows } from "./run-rows";
import type { ForwardStep, RollbackStep, RunStatus } from "./run-status";

const EVIDENCE = { path: "k8s/orders.yaml", line: 4, commit: "WORKTREE" };

function forward(id: string, more: Partial<ForwardStep> = {}): ForwardStep {
  return {
    id,
    title: `roll out \`orders\` (${id})`,
    command: "kubectl apply -k k8s",
    state: "open",
    at: "",
    who: "",
    note: "",
    claim: { text: "job `deploy` deploys so", status: "FACT", evidence: [EVIDENCE] },
    phase: "deploy",
    context: "repository root",
    access: "cluster",
    gate: { command: null, expected: "exit code 0" },
    on_failure: "stop; then from R1",
    is_point_of_no_return: false,
    ...more,
  };
}

function rollback(id: string, more: Partial<RollbackStep> = {}): RollbackStep {
  const { command, at, who, note, claim } = forward(id);
  const own = { undoes: "1", advice: "run", data_loss: null } as const;
  return { id, title: `undo ${id}`, command, state: "open", at, who, note, claim, ...own, ...more };
}

function status(more: Partial<RunStatus> = {}): RunStatus {
  return {
    run: 7,
    title: "Deployment plan: orders",
    environment: "production",
    state: "open",
    is_over: false,
    is_sealed: true,
    headline: "step 2 of 3 is next: roll out",
    next: "2",
    leads_back: "R1, in order",
    steps: [
      forward("1", { state: "done", at: "2026-03-01T03:12:44Z", who: "ada" }),
      forward("2"),
      forward("3", { is_point_of_no_return: true, command: null }),
    ],
    back: [rollback("R1"), rollback("R2", { state: "left", advice: "leave" })],
    ...more,
  };
}

const shown = (row: Row): readonly unknown[] => [row.label, row.icon, row.isOpen, row.flags.join(" ")];

test("the next step is open and the only one that can be checked off", () => {
  assert.deepEqual(rows(status()).map(shown), [
    ["1  roll out orders (1)", "pass-filled", false, "step command evidence"],
    ["2  roll out orders (2)", "arrow-circle-right", true, "step next forward command evidence"],
    ["3  roll out orders (3)", "warning", false, "step evidence"],
    ["Way back from here", "discard", false, ""],
  ]);
});

test("a step has all that is needed to take it", () => {
  const [, next] = rows(status());
  assert.deepEqual(
    next?.children.map((row) => row.label),
    [
      "kubectl apply -k k8s",
      "in: repository root",
      "good when: exit code 0",
      "if it fails: stop; then from R1",
      "because: job `deploy` deploys so",
    ],
  );
  assert.deepEqual(next?.children.map((row) => row.command ?? row.evidence?.path), [
    "kubectl apply -k k8s",
    undefined,
    undefined,
    undefined,
    "k8s/orders.yaml",
  ]);
});

test("a failed step is still the next one", () => {
  const steps = [forward("1", { state: "failed", at: "2026-03-01T03:12:44Z", who: "ada", note: "timeout" })];
  const [row] = rows(status({ state: "failed", next: "1", steps }));
  assert.equal(row?.icon, "error");
  assert.match(row?.description ?? "", /^next · failed \d\d:\d\d · ada$/);
  assert.equal(row?.children[0]?.label, "note: timeout");
});

test("going back, the rollback steps come first and the next of them can be checked off", () => {
  const back = status({ state: "going back", next: "R1", headline: "going back, 1 of 1: R1 undo R1" });
  assert.deepEqual(rows(back).map(shown), [
    ["R1  undo R1", "arrow-circle-right", true, "step next back command evidence"],
    ["R2  undo R2", "dash", false, "step command evidence"],
    ["Steps", "list-ordered", false, ""],
  ]);
  assert.equal(message(back), "production · run 7 · going back, 1 of 1: R1, in order");
  assert.equal(left(back), 1);
});

test("what stands above the rows says when the next step is good, and what to do when it failed", () => {
  assert.equal(message(status()), "production · run 7 · step 2 of 3 · good when: exit code 0");
  const failed = status({ state: "failed", headline: "step 2 failed: stop; then from R1" });
  assert.equal(message(failed), "production · run 7 · step 2 failed: stop; then from R1");
  assert.match(message(status({ is_sealed: false })), /altered after it was written/);
});

test("a run that is over has nothing to check off", () => {
  const over = status({ state: "finished", is_over: true, next: null, headline: "finished after 3 min 20 s" });
  assert.equal(left(over), 0);
  assert.deepEqual(rows(over).filter((row) => row.flags.includes("next")), []);
  assert.equal(message(over), "production · run 7 · finished after 3 min 20 s");
});

test("a place in another commit is named and not opened", () => {
  const old = { ...EVIDENCE, commit: "3f2c1d9" };
  const [row] = rows(status({ steps: [forward("1", { claim: { text: "x", status: "FACT", evidence: [old] } })] }));
  assert.ok(!row?.flags.includes("evidence"));
});
