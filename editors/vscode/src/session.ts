// The life of the server process: found, started, restarted, stopped, one after the other.

import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import * as vscode from "vscode";
import {
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  State,
  TransportKind,
} from "vscode-languageclient/node";

import { type Attempt, findServer, type Launch } from "./discovery";
import type { Documents } from "./documents";
import { DOCUMENT_SELECTOR } from "./selector";
import { runOnServer } from "./server-commands";
import { forServer, interpreter, SECTION, serverPath } from "./settings";
import type { ServerStatus, StatusItem } from "./status";

export class Session {
  readonly #context: vscode.ExtensionContext;
  readonly #output: vscode.LogOutputChannel;
  readonly #status: StatusItem;
  readonly #documents: Documents;
  readonly #runsChanged = new vscode.EventEmitter<void>();
  /** Fires when somebody wrote to the journal of runs, and when there is a server to ask for them. */
  readonly onRunsChanged = this.#runsChanged.event;
  #client: LanguageClient | undefined;
  #queue: Promise<void> = Promise.resolve();
  #complained = false;

  constructor(
    context: vscode.ExtensionContext,
    output: vscode.LogOutputChannel,
    status: StatusItem,
    documents: Documents,
  ) {
    this.#context = context;
    this.#output = output;
    this.#status = status;
    this.#documents = documents;
  }

  /** The running client; undefined while there is none. */
  get client(): LanguageClient | undefined {
    return this.#client;
  }

  /** Stops the server if it runs and starts it again; requests wait for the ones before them. */
  restart(): Promise<void> {
    return this.#next(async () => {
      await this.#stop();
      await this.#start();
    });
  }

  stop(): Promise<void> {
    return this.#next(() => this.#stop());
  }

  #next(step: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(step).catch((error: unknown) => this.#fail(String(error)));
    return this.#queue;
  }

  async #start(): Promise<void> {
    this.#status.starting();
    const { launch, attempts } = await findServer({
      platform: process.platform,
      env: process.env,
      home: homedir(),
      trusted: vscode.workspace.isTrusted,
      folders: (vscode.workspace.workspaceFolders ?? [])
        .filter((folder) => folder.uri.scheme === "file")
        .map((folder) => folder.uri.fsPath),
      serverPath: serverPath(),
      interpreter: interpreter(),
      bundle: this.#context.asAbsolutePath("bundled"),
    });
    const tried = attempts.map(describe);
    tried.forEach((line) => this.#output.info(line));
    if (launch === undefined) {
      this.#fail("No rollsafe server was found that runs here.", tried);
      return;
    }
    const client = this.#newClient(launch, await this.#workingFolder());
    this.#watch(client, `Server ${launch.version} (${launch.source}): ${launch.command}`);
    this.#client = client;
    try {
      await client.start();
    } catch (error) {
      this.#client = undefined;
      throw error;
    }
  }

  /** Follows the process, which the client starts again by itself when it crashes. */
  #watch(client: LanguageClient, server: string): void {
    client.onDidChangeState(({ newState }) => {
      if (this.#client !== client) {
        return;
      }
      if (newState === State.Running) {
        this.#status.started(server);
        this.#runsChanged.fire();
      } else if (newState === State.Stopped) {
        this.#status.failed(["The server stopped; the output says why.", server]);
      }
    });
    client.onNotification("rollsafe/status", (status: ServerStatus) => this.#status.report(status));
    client.onNotification("rollsafe/runsChanged", () => this.#runsChanged.fire());
  }

  async #stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    // A server that does not answer must not keep the next one from starting.
    await client?.dispose().catch((error: unknown) => this.#output.warn(String(error)));
  }

  #newClient(launch: Launch, cwd: string): LanguageClient {
    const options: LanguageClientOptions = {
      documentSelector: DOCUMENT_SELECTOR,
      synchronize: { configurationSection: SECTION },
      outputChannel: this.#output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: {
        trusted: vscode.workspace.isTrusted,
        // Whoever trusts the workspace also trusts the agents it brings along, once its settings name them.
        trustAgents: vscode.workspace.isTrusted,
        settings: forServer(),
      },
      initializationFailedHandler: () => false,
      middleware: {
        workspace: { configuration: ({ items }) => items.map(() => forServer()) },
        executeCommand: (command, args) => runOnServer(client, this.#documents, command, args),
      },
    };
    const client = new LanguageClient(
      "rollsafe",
      "rollsafe",
      {
        command: launch.command,
        args: [...launch.args, "server"],
        transport: TransportKind.stdio,
        options: { cwd, env: { ...process.env, PYTHONUTF8: "1" } },
      },
      options,
    );
    return client;
  }

  /** A folder of our own: a process started in the workspace could pick up files from there. */
  async #workingFolder(): Promise<string> {
    const folder = this.#context.globalStorageUri.fsPath;
    await mkdir(folder, { recursive: true });
    return folder;
  }

  /** Says once per window that there is no server; the status item keeps saying it. */
  #fail(reason: string, details: readonly string[] = []): void {
    this.#output.error(reason);
    this.#status.failed([reason, ...details]);
    if (this.#complained) {
      return;
    }
    this.#complained = true;
    const actions = ["Show Output", "Open Settings"] as const;
    void vscode.window.showErrorMessage(`rollsafe: ${reason}`, ...actions).then((choice) => {
      if (choice === "Show Output") {
        this.#output.show();
      } else if (choice === "Open Settings") {
        void vscode.commands.executeCommand("workbench.action.openSettings", "rollsafe.server");
      }
    });
  }
}

function describe(attempt: Attempt): string {
  return `${attempt.source}: ${attempt.what}: ${attempt.outcome}`;
}
