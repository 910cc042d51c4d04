// The view in which a deployment plan is checked off. It runs no command of the plan: it shows and copies.

import * as vscode from "vscode";
import { ExecuteCommandRequest, type LanguageClient, ResponseError } from "vscode-languageclient/node";

import type { Documents } from "./documents";
import { capital, left, message, plain, type Row, rows } from "./run-rows";
import { isOver, type RunAnswer, type RunStatus, type RunSummary } from "./run-status";
import type { Session } from "./session";
import { planOptions } from "./settings";

const VIEW = "rollsafe.steps";
const COMMAND = "rollsafe.run";
/** Refusals that a user may overrule when a run starts. */
const OVERRULED = ["plan-blocked", "run-open"];
/** Refusals that mean somebody else was faster: what is shown is out of date. */
const OUTDATED = ["not-now", "meanwhile", "no-run", "unknown-run"];

interface Request {
  readonly action: string;
  readonly uri?: string;
  readonly run?: number;
  readonly step?: string;
  readonly note?: string;
  readonly environment?: string;
  readonly base?: string;
  readonly anyway?: boolean;
}

export class RunView implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  readonly #session: Session;
  readonly #documents: Documents;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #tree: vscode.TreeView<Row>;
  readonly #disposables: vscode.Disposable[];
  #isLoaded = false;
  #status: RunStatus | undefined;
  #root: vscode.Uri | undefined;
  #rows: readonly Row[] = [];
  /** The run that the user has picked; without one the newest that is open, else the newest. */
  #picked: number | undefined;

  constructor(session: Session, documents: Documents) {
    this.#session = session;
    this.#documents = documents;
    this.#tree = vscode.window.createTreeView(VIEW, { treeDataProvider: this });
    this.#disposables = [
      this.#tree,
      this.#changed,
      ...this.#commands(),
      session.onRunsChanged(() => {
        void vscode.commands.executeCommand("setContext", "rollsafe.isRunning", session.client !== undefined);
        this.#refreshIfSeen();
      }),
      this.#tree.onDidChangeVisibility(() => this.#refreshIfSeen()),
      vscode.window.onDidChangeWindowState(({ focused }) => (focused ? this.#refreshIfSeen() : undefined)),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.#refreshIfSeen()),
    ];
  }

  getTreeItem(row: Row): vscode.TreeItem {
    const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(row.label, row.children.length === 0 ? None : row.isOpen ? Expanded : Collapsed);
    item.id = row.key;
    item.description = row.description;
    item.iconPath = new vscode.ThemeIcon(row.icon, row.color ? new vscode.ThemeColor(row.color) : undefined);
    item.contextValue = row.flags.join(" ");
    item.tooltip = tooltip(row);
    item.accessibilityInformation = { label: [row.label, row.description].filter(Boolean).join(", ") };
    if (row.evidence !== undefined && row.step === undefined) {
      item.command = { command: "rollsafe.openEvidence", title: "Open Evidence", arguments: [row] };
    }
    return item;
  }

  async getChildren(row?: Row): Promise<Row[]> {
    if (row === undefined && !this.#isLoaded) {
      await this.#load().catch(() => undefined);
    }
    return [...(row?.children ?? this.#rows)];
  }

  getParent(): undefined {
    return undefined;
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #commands(): vscode.Disposable[] {
    const { registerCommand } = vscode.commands;
    return [
      registerCommand("rollsafe.startRun", () => this.#start()),
      registerCommand("rollsafe.startRunFor", () => this.#startFor()),
      registerCommand("rollsafe.stepDone", (row?: Row) => this.#record("done", row)),
      registerCommand("rollsafe.stepUndone", (row?: Row) => this.#record("undone", row)),
      registerCommand("rollsafe.stepFailed", (row?: Row) => this.#failed(row)),
      registerCommand("rollsafe.stepSkipped", (row?: Row) => this.#skipped(row)),
      registerCommand("rollsafe.abortRun", () => this.#abort()),
      registerCommand("rollsafe.reportRun", () => this.#report()),
      registerCommand("rollsafe.chooseRun", () => this.#choose()),
      registerCommand("rollsafe.refreshRun", () => this.#guarded(() => this.#refresh())),
      registerCommand("rollsafe.copyCommand", (row?: Row) => copy(row)),
      registerCommand("rollsafe.openEvidence", (row?: Row) => this.#open(row)),
    ];
  }

  // What the user does

  async #startFor(): Promise<void> {
    const environment = await vscode.window.showInputBox({
      title: "Start a run of the deployment plan",
      prompt: "Environment that is deployed to",
      placeHolder: "staging",
    });
    if (environment?.trim()) {
      await this.#start(environment.trim());
    }
  }

  async #start(environment = ""): Promise<void> {
    const { base } = planOptions();
    const request: Request = {
      action: "start",
      ...aboutProject(),
      ...(base ? { base } : {}),
      ...(environment ? { environment } : {}),
    };
    await vscode.commands.executeCommand(`${VIEW}.focus`);
    this.#picked = undefined;
    await vscode.window.withProgress({ location: { viewId: VIEW } }, () => this.#guarded(() => this.#begin(request)));
  }

  /** Starts a run; what stands against it is said, and the user may want it all the same. */
  async #begin(request: Request): Promise<void> {
    try {
      this.#take(await this.#ask(request));
      this.#draw();
    } catch (error) {
      if (!OVERRULED.includes(reasonOf(error)) || request.anyway === true) {
        throw error;
      }
      const options = { modal: true, detail: capital(messageOf(error)) };
      const choice = await vscode.window.showWarningMessage("Start this run?", options, "Start Anyway");
      if (choice !== undefined) {
        await this.#begin({ ...request, anyway: true });
      }
    }
  }

  async #failed(row?: Row): Promise<void> {
    const note = await vscode.window.showInputBox({
      title: `Step ${this.#idOf(row)} failed`,
      prompt: "What was seen? It goes to the record; what looks like a secret is masked.",
    });
    if (note !== undefined) {
      await this.#record("failed", row, note);
    }
  }

  async #skipped(row?: Row): Promise<void> {
    const note = await vscode.window.showInputBox({
      title: `Skip step ${this.#idOf(row)}`,
      prompt: "Why is it left out? The reason goes to the record.",
      validateInput: (reason) => (reason.trim() ? undefined : "A step is skipped for a reason"),
    });
    if (note !== undefined) {
      await this.#record("skipped", row, note);
    }
  }

  async #abort(): Promise<void> {
    const back = (this.#status?.back ?? []).filter((step) => step.state !== "left").map((step) => step.id);
    const note = await vscode.window.showInputBox({
      title: `Abort run ${this.#status?.run ?? ""}`,
      prompt: `Why? ${back.length > 0 ? `The way back is shown next: ${back.join(", ")}.` : "Nothing has to be taken back."}`,
    });
    if (note !== undefined) {
      await this.#record("abort", undefined, note);
    }
  }

  async #record(action: string, row?: Row, note = ""): Promise<void> {
    const status = this.#status;
    if (status === undefined) {
      return;
    }
    const step = action === "abort" ? {} : { step: this.#idOf(row) };
    await this.#guarded(async () => {
      this.#take(await this.#ask({ action, run: status.run, ...step, ...(note ? { note } : {}) }));
      this.#draw();
    });
  }

  async #report(): Promise<void> {
    await this.#guarded(async () => {
      const about = this.#status ? { run: this.#status.run } : aboutProject();
      const answer = await this.#ask({ action: "report", ...about });
      await this.#documents.show(answer.title, answer.markdown, planOptions().view, this.#root);
    });
  }

  async #choose(): Promise<void> {
    await this.#guarded(async () => {
      const known = await this.#list();
      const items = [...known].reverse().map((run) => ({
        label: `Run ${run.run}`,
        description: `${run.environment} · ${run.state}`,
        detail: `${plain(run.title)} · ${new Date(run.entries[0]?.at ?? "").toLocaleString()}`,
        run: run.run,
      }));
      const picked = await vscode.window.showQuickPick(items, { placeHolder: "Run to show" });
      if (picked !== undefined) {
        this.#picked = picked.run;
        await this.#refresh();
      }
    });
  }

  async #open(row?: Row): Promise<void> {
    const evidence = row?.evidence;
    if (evidence === undefined) {
      return;
    }
    const at = new vscode.Position(Math.max(evidence.line - 1, 0), 0);
    for (const root of [...folders(), ...(this.#root ? [this.#root] : [])]) {
      const file = vscode.Uri.joinPath(root, evidence.path);
      const isThere = await vscode.workspace.fs.stat(file).then(
        () => true,
        () => false,
      );
      if (isThere) {
        await vscode.window.showTextDocument(file, { selection: new vscode.Range(at, at) });
        return;
      }
    }
    void vscode.window.showWarningMessage(`rollsafe: ${evidence.path} is not there any more`);
  }

  #idOf(row?: Row): string {
    return row?.step?.id ?? this.#status?.next ?? "";
  }

  // What is shown

  #refreshIfSeen(): void {
    if (this.#tree.visible) {
      void this.#refresh().catch(() => undefined);
    }
  }

  async #refresh(): Promise<void> {
    await this.#load();
    this.#draw();
  }

  async #load(): Promise<void> {
    if (this.#session.client === undefined) {
      return;
    }
    const known = await this.#list();
    const open = known.filter((run) => !isOver(run));
    const readable = known.filter((run) => run.state !== "unreadable");
    const chosen = known.find((run) => run.run === this.#picked) ?? open.at(-1) ?? readable.at(-1);
    this.#take(chosen && (await this.#ask({ action: "status", run: chosen.run })), open.length);
    this.#isLoaded = true;
  }

  /** Takes over an answer; `open` is how many runs are open, as far as is known. */
  #take(answer: RunAnswer | undefined, open = 1): void {
    const status = answer?.status ?? undefined;
    this.#status = status;
    this.#root = answer && vscode.Uri.parse(answer.root);
    this.#rows = status ? rows(status) : [];
    const count = status ? left(status) : 0;
    const others = open > 1 ? ` · ${open} are open` : "";
    this.#tree.description = status ? `run ${status.run} · ${status.environment}${others}` : "";
    this.#tree.message = status ? message(status) : "";
    this.#tree.badge = count > 0 ? { value: count, tooltip: `${count} steps left` } : undefined;
    void vscode.commands.executeCommand("setContext", "rollsafe.runState", status?.is_over ? "over" : status?.state);
  }

  #draw(): void {
    this.#changed.fire();
    const next = this.#rows.find((row) => row.flags.includes("next"));
    if (next !== undefined && this.#tree.visible) {
      void this.#tree.reveal(next, { select: false, focus: false, expand: true });
    }
  }

  // The server

  async #list(): Promise<readonly RunSummary[]> {
    const answers = await Promise.all(
      folders().map((folder) => this.#ask({ action: "list", uri: folder.toString() })),
    );
    const known = new Map(answers.flatMap((answer) => answer.runs).map((run) => [run.run, run]));
    return [...known.values()].sort((one, other) => one.run - other.run);
  }

  async #ask(request: Request): Promise<RunAnswer> {
    const client: LanguageClient | undefined = this.#session.client;
    if (client === undefined) {
      throw new Error("the server is not running");
    }
    const params = { command: COMMAND, arguments: [request] };
    return (await client.sendRequest(ExecuteCommandRequest.type, params)) as RunAnswer;
  }

  /** Does something; what is refused is said, and what is out of date is brought up to date. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (OUTDATED.includes(reasonOf(error))) {
        this.#refreshIfSeen();
      }
      void vscode.window.showWarningMessage(`rollsafe: ${messageOf(error)}`);
    }
  }
}

async function copy(row?: Row): Promise<void> {
  if (row?.command !== undefined) {
    await vscode.env.clipboard.writeText(row.command);
    vscode.window.setStatusBarMessage("$(copy) Command copied", 2_000);
  }
}

function tooltip(row: Row): vscode.MarkdownString {
  const written = new vscode.MarkdownString();
  for (const piece of row.tooltip) {
    if (typeof piece === "string") {
      written.appendText(piece).appendMarkdown("\n\n");
    } else {
      written.appendCodeblock(piece.code, "shellscript");
    }
  }
  return written;
}

function folders(): readonly vscode.Uri[] {
  return (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri).filter((uri) => uri.scheme === "file");
}

/** Which project a run is started in: that of the file in front, else that of the first folder. */
function aboutProject(): { readonly uri?: string } {
  const file = vscode.window.activeTextEditor?.document.uri;
  const uri = file?.scheme === "file" ? file : folders()[0];
  return uri === undefined ? {} : { uri: uri.toString() };
}

function reasonOf(error: unknown): string {
  const data: unknown = error instanceof ResponseError ? error.data : undefined;
  const has = typeof data === "object" && data !== null && "reason" in data;
  return has ? String(data.reason) : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
