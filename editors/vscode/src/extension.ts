// Entry point: registers commands, starts the server, restarts it when what it depends on changes.

import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";

import { Documents, preview } from "./documents";
import { RunView } from "./run-view";
import { choosePlan, explainRule, makePlan, reviewChange, reviewWithAgent } from "./server-commands";
import { Session } from "./session";
import { PROCESS_SETTINGS } from "./settings";
import { StatusItem } from "./status";

let session: Session | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("rollsafe", { log: true });
  const status = new StatusItem();
  const documents = new Documents();
  const current = new Session(context, output, status, documents);
  session = current;
  context.subscriptions.push(
    output,
    status,
    documents,
    new RunView(current, documents),
    ...registerCommands(current, documents, output),
    vscode.workspace.onDidGrantWorkspaceTrust(() => current.restart()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (PROCESS_SETTINGS.some((setting) => change.affectsConfiguration(setting))) {
        void current.restart();
      }
    }),
  );
  await current.restart();
}

export function deactivate(): Promise<void> | undefined {
  return session?.stop();
}

function registerCommands(
  current: Session,
  documents: Documents,
  output: vscode.LogOutputChannel,
): vscode.Disposable[] {
  const withServer = (action: (client: LanguageClient) => Promise<void>): Promise<void> | undefined => {
    if (current.client !== undefined) {
      return action(current.client);
    }
    output.show();
    return undefined;
  };
  const { registerCommand } = vscode.commands;
  return [
    registerCommand("rollsafe.restart", () => current.restart()),
    registerCommand("rollsafe.showOutput", () => output.show()),
    registerCommand("rollsafe.planDeployment", () =>
      withServer((client) => makePlan(client, documents)),
    ),
    registerCommand("rollsafe.choosePlan", () =>
      withServer((client) => choosePlan(client, documents)),
    ),
    registerCommand("rollsafe.choosePlanInWords", () =>
      withServer((client) => choosePlan(client, documents, true)),
    ),
    registerCommand("rollsafe.explainRule", (rule?: unknown) =>
      withServer((client) => explainRule(client, documents, typeof rule === "string" ? rule : undefined)),
    ),
    registerCommand("rollsafe.reviewChange", () =>
      withServer((client) => reviewChange(client, documents)),
    ),
    registerCommand("rollsafe.reviewWithAgent", () =>
      withServer((client) => reviewWithAgent(client, documents)),
    ),
    registerCommand("rollsafe.previewDocument", (uri?: vscode.Uri) => preview(uri)),
  ];
}
