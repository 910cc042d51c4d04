// Commands that the server carries out and whose answer is a document.
//
// The client registers the server's own command ids (`rollsafe.plan`, `rollsafe.explain`, …) when it
// starts, so code actions and lenses reach them; the extension's commands have ids of their own.

import { setTimeout as delay } from "node:timers/promises";
import * as vscode from "vscode";
import {
  ExecuteCommandRequest,
  type LanguageClient,
  ProgressType,
  WorkDoneProgress,
  type WorkDoneProgressBegin,
  type WorkDoneProgressReport,
} from "vscode-languageclient/node";

import type { Documents, Growing, View } from "./documents";
import { planOptions } from "./settings";

interface Written {
  readonly markdown: string;
  readonly title?: string;
}

interface PlanRequest {
  readonly kind: string;
  readonly uri?: string;
  readonly base?: string;
  readonly subject?: string;
}

/** A kind of plan as the server describes it. */
interface Kind {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly subject: string;
  readonly needsSubject: boolean;
  readonly takesWords: boolean;
}

/** An agent as the server describes it; `reviews` is about the file in front. */
interface Agent {
  readonly name: string;
  readonly purpose: string;
  readonly scope: string;
  readonly path: string;
  readonly uri: string | null;
  readonly reason: string;
  readonly reviews: boolean;
}

interface AgentItem extends vscode.QuickPickItem {
  readonly agent?: Agent;
}

const PLAN = "rollsafe.plan";
const IN_WORDS = "rollsafe.planInWords";
const KINDS = "rollsafe.planKinds";
const AGENTS = "rollsafe.agents";
const EXPLAIN = "rollsafe.explain";
const REVIEW = "rollsafe.review";

// The commands that can take long enough to be cancelled, and what their documents are called.
const TITLES: Readonly<Record<string, string>> = {
  [PLAN]: "Plan",
  [IN_WORDS]: "Plan",
  [REVIEW]: "Review",
  "rollsafe.draftFix": "Drafted fix",
  "rollsafe.explainFinding": "Explanation",
};
const NOTICEABLE_MS = 400;
let requests = 0;

/** The parts of a document, which arrive before the answer. */
const PARTS = new ProgressType<Written>();

/** Runs a command of the server and, if it writes a document, opens it: with its first part if it has parts. */
export async function runOnServer(
  client: LanguageClient,
  documents: Documents,
  command: string,
  args: readonly unknown[],
): Promise<unknown> {
  let growing: Growing | undefined;
  const answer = await request(client, command, args, (part) => {
    if (growing === undefined) {
      const title = part.title ?? titleOf(command, args);
      growing = documents.grow(title, part.markdown, viewOf(command), fileIn(args));
    } else {
      growing.append(part.markdown);
    }
  });
  await growing?.opened;
  if (isWritten(answer) && growing === undefined) {
    const title = answer.title ?? titleOf(command, args);
    await documents.show(title, answer.markdown, viewOf(command), fileIn(args));
  }
  return answer;
}

/** Makes a plan, by default the one for a deployment. */
export async function makePlan(
  client: LanguageClient,
  documents: Documents,
  kind = "deploy",
  subject = "",
  command = PLAN,
): Promise<void> {
  const { base } = planOptions();
  const about = subject ? { subject } : {};
  const plan: PlanRequest = { kind, ...activeFile(), ...about, ...(base ? { base } : {}) };
  await runOnServer(client, documents, command, [plan]);
}

/** Makes a plan of a kind that the user picks among those the server has, `inWords` with a model's beside it. */
export async function choosePlan(client: LanguageClient, documents: Documents, inWords = false): Promise<void> {
  const params = { command: KINDS, arguments: [] };
  const known = (await client.sendRequest(ExecuteCommandRequest.type, params)) as readonly Kind[];
  const kinds = known.filter((kind) => !inWords || kind.takesWords);
  const items = kinds.map((kind) => ({ label: kind.title, description: kind.name, detail: kind.summary, plan: kind }));
  const options = { placeHolder: "Plan to make", matchOnDescription: true, matchOnDetail: true };
  const picked = await vscode.window.showQuickPick(items, options);
  if (picked === undefined) {
    return;
  }
  const subject = await askForSubject(picked.plan);
  if (subject !== undefined) {
    await makePlan(client, documents, picked.plan.name, subject, inWords ? IN_WORDS : PLAN);
  }
}

/** What the plan is about: empty for the whole project, undefined if the user gives up. */
async function askForSubject(kind: Kind): Promise<string | undefined> {
  if (!kind.subject) {
    return "";
  }
  const optional = kind.needsSubject ? "" : ", or nothing for the whole project";
  const answer = await vscode.window.showInputBox({
    title: kind.title,
    prompt: `${kind.subject}${optional}`,
    validateInput: (text) => (kind.needsSubject && !text.trim() ? `This plan needs ${kind.subject}` : undefined),
  });
  return answer?.trim();
}

/** Asks the model that the user allowed for its opinion. */
export async function reviewChange(client: LanguageClient, documents: Documents): Promise<void> {
  await runOnServer(client, documents, REVIEW, [activeFile()]);
}

/** Lets the user pick an agent: one that reviews the file in front is asked, the file of another is opened. */
export async function reviewWithAgent(client: LanguageClient, documents: Documents): Promise<void> {
  const file = activeFile();
  if (file.uri === undefined) {
    return;
  }
  const params = { command: AGENTS, arguments: [file] };
  const agents = (await client.sendRequest(ExecuteCommandRequest.type, params)) as readonly Agent[];
  const options = { placeHolder: "Agent to review this file with", matchOnDescription: true, matchOnDetail: true };
  const picked = await vscode.window.showQuickPick(agentItems(agents), options);
  if (picked?.agent?.reviews) {
    await runOnServer(client, documents, REVIEW, [{ ...file, agent: picked.agent.path || picked.agent.name }]);
  } else if (typeof picked?.agent?.uri === "string") {
    await vscode.window.showTextDocument(vscode.Uri.parse(picked.agent.uri));
  }
}

/** Agents that review the file first; the others with what keeps them from it. */
function agentItems(agents: readonly Agent[]): AgentItem[] {
  const reviewing = agents.filter((agent) => agent.reviews);
  const others = agents.filter((agent) => !agent.reviews);
  const item = (agent: Agent, detail: string): AgentItem => ({
    label: agent.name,
    description: agent.path || agent.scope,
    detail,
    agent,
  });
  const kind = vscode.QuickPickItemKind.Separator;
  return [
    ...reviewing.map((agent) => item(agent, agent.purpose)),
    ...(others.length > 0 ? [{ label: "Not asked about this file", kind }] : []),
    ...others.map((agent) => item(agent, agent.reason || "does not look at this file")),
  ];
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

/** Sends the command. One of those that is not there at once shows progress and can be cancelled. */
async function request(
  client: LanguageClient,
  command: string,
  args: readonly unknown[],
  onPart: (part: Written) => void,
): Promise<unknown> {
  requests += 1;
  const workDoneToken = `rollsafe-${requests}`;
  const partialResultToken = `rollsafe-parts-${requests}`;
  const steps = new vscode.EventEmitter<WorkDoneProgressBegin | WorkDoneProgressReport>();
  const listener = client.onProgress(WorkDoneProgress.type, workDoneToken, (step) => {
    if (step.kind !== "end") {
      steps.fire(step);
    }
  });
  const cancellation = new vscode.CancellationTokenSource();
  const parts = client.onProgress(PARTS, partialResultToken, (part) => onPart(part));
  const inParts = command === PLAN ? { partialResultToken } : {};
  const params = { command, arguments: [...args], workDoneToken, ...inParts };
  const answer = client.sendRequest(ExecuteCommandRequest.type, params, cancellation.token);
  try {
    if (command in TITLES && (await isSlow(answer))) {
      await showProgress(command, answer, steps.event, cancellation);
    }
    return await answer;
  } catch (error) {
    if (cancellation.token.isCancellationRequested) {
      return undefined;
    }
    throw error;
  } finally {
    vscode.Disposable.from(listener, parts, steps, cancellation).dispose();
  }
}

async function showProgress(
  command: string,
  answer: Promise<unknown>,
  steps: vscode.Event<WorkDoneProgressBegin | WorkDoneProgressReport>,
  cancellation: vscode.CancellationTokenSource,
): Promise<void> {
  const title = `rollsafe: ${TITLES[command]?.toLowerCase()}`;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  await vscode.window.withProgress(options, async (progress, token) => {
    token.onCancellationRequested(() => cancellation.cancel());
    let done = 0;
    steps((step) => {
      const percentage = step.percentage ?? done;
      progress.report({ message: step.message ?? "", increment: percentage - done });
      done = percentage;
    });
    await answer.catch(() => undefined);
  });
}

async function isSlow(answer: Promise<unknown>): Promise<boolean> {
  const settled = answer.then(
    () => false,
    () => false,
  );
  return Promise.race([settled, delay(NOTICEABLE_MS, true)]);
}

/** Which project is meant: that of the file in front. */
function activeFile(): { readonly uri?: string } {
  const uri = vscode.window.activeTextEditor?.document.uri;
  return uri?.scheme === "file" ? { uri: uri.toString() } : {};
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

/** The file that a request names. */
function fileIn(args: readonly unknown[]): vscode.Uri | undefined {
  const first = args[0];
  const isNamed = typeof first === "object" && first !== null && "uri" in first;
  return isNamed && typeof first.uri === "string" ? vscode.Uri.parse(first.uri) : undefined;
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
  return TITLES[command] ?? "rollsafe";
}

function viewOf(command: string): View {
  return command === EXPLAIN ? "preview" : planOptions().view;
}
