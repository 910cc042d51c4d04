// Commands that the server carries out and whose answer is a document.
//
// The client registers the server's own command ids (`rollsafe.plan`, `rollsafe.explain`, …) when it
// starts, so code actions and lenses reach them; the extension's commands have ids of their own.

import * as vscode from "vscode";
import { ExecuteCommandRequest, type LanguageClient, WorkDoneProgress } from "vscode-languageclient/node";

import type { Documents, View } from "./documents";
import { planOptions } from "./settings";

interface Written {
  readonly markdown: string;
  readonly title?: string;
}

interface PlanRequest {
  readonly kind: string;
  readonly uri?: string;
  readonly base?: string;
}

const PLAN = "rollsafe.plan";
const EXPLAIN = "rollsafe.explain";
let requests = 0;

/** Runs a command of the server and, if the answer is a document, opens it. */
export async function runOnServer(
  client: LanguageClient,
  documents: Documents,
  command: string,
  args: readonly unknown[],
): Promise<unknown> {
  const answer = await request(client, command, args);
  if (isWritten(answer)) {
    await documents.show(answer.title ?? titleOf(command, args), answer.markdown, viewOf(command));
  }
  return answer;
}

export async function planDeployment(client: LanguageClient, documents: Documents): Promise<void> {
  const { base } = planOptions();
  const document = vscode.window.activeTextEditor?.document;
  const plan: PlanRequest = {
    kind: "deploy",
    ...(document?.uri.scheme === "file" ? { uri: document.uri.toString() } : {}),
    ...(base ? { base } : {}),
  };
  await runOnServer(client, documents, PLAN, [plan]);
}

/** Explains the given rule, or one that speaks in the active file. */
export async function explainRule(
  client: LanguageClient,
  documents: Documents,
  rule?: string,
): Promise<void> {
  const name = rule ?? (await chooseRule());
  if (name) {
    await runOnServer(client, documents, EXPLAIN, [{ rule: name }]);
  }
}

async function request(
  client: LanguageClient,
  command: string,
  args: readonly unknown[],
): Promise<unknown> {
  const title = command === PLAN ? "rollsafe: planning" : "rollsafe";
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
    requests += 1;
    const workDoneToken = `rollsafe-${requests}`;
    let done = 0;
    const listener = client.onProgress(WorkDoneProgress.type, workDoneToken, (step) => {
      if (step.kind === "end") {
        return;
      }
      const percentage = step.percentage ?? done;
      progress.report({ message: step.message ?? "", increment: percentage - done });
      done = percentage;
    });
    try {
      const params = { command, arguments: [...args], workDoneToken };
      return await client.sendRequest(ExecuteCommandRequest.type, params, token);
    } catch (error) {
      if (token.isCancellationRequested) {
        return undefined;
      }
      throw error;
    } finally {
      listener.dispose();
    }
  });
}

async function chooseRule(): Promise<string | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    return askForRule();
  }
  const findings = vscode.languages
    .getDiagnostics(editor.document.uri)
    .filter((finding) => finding.source === "rollsafe");
  const here = findings.filter((finding) => finding.range.contains(editor.selection.active));
  const names = [...new Set((here.length > 0 ? here : findings).map(ruleOf).filter(Boolean))];
  if (names.length <= 1) {
    return names[0] ?? askForRule();
  }
  return vscode.window.showQuickPick(names, { placeHolder: "Rule to explain" });
}

function askForRule(): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    prompt: "Name of the rule to explain",
    placeHolder: "missing-readiness-probe",
  });
}

function ruleOf(finding: vscode.Diagnostic): string {
  const code = finding.code;
  return String(typeof code === "object" ? code.value : (code ?? ""));
}

function isWritten(answer: unknown): answer is Written {
  return (
    typeof answer === "object" &&
    answer !== null &&
    "markdown" in answer &&
    typeof answer.markdown === "string"
  );
}

function titleOf(command: string, args: readonly unknown[]): string {
  const first = args[0];
  if (command === EXPLAIN && typeof first === "object" && first !== null && "rule" in first) {
    return String(first.rule);
  }
  return command === PLAN ? "Deployment plan" : "rollsafe";
}

function viewOf(command: string): View {
  return command === EXPLAIN ? "preview" : planOptions().view;
}
