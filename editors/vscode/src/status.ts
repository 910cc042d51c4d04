// The status item: how many files were read and what was found in them, or why nothing was.

import * as vscode from "vscode";

/** The `rollsafe/status` notification of the server. `off` says what does not run, and why. */
export interface ServerStatus {
  readonly files: number;
  readonly errors: number;
  readonly warnings: number;
  readonly state: "indexing" | "ready";
  readonly off: readonly string[];
}

export class StatusItem implements vscode.Disposable {
  readonly #item: vscode.StatusBarItem;
  #server = "";

  constructor() {
    this.#item = vscode.window.createStatusBarItem("rollsafe.status", vscode.StatusBarAlignment.Left);
    this.#item.name = "rollsafe";
    this.#item.command = "workbench.actions.view.problems";
    this.starting();
    this.#item.show();
  }

  starting(): void {
    this.#show("rollsafe $(loading~spin)", ["Starting the server"]);
  }

  /** The server answers; `server` says which one it is. */
  started(server: string): void {
    this.#server = server;
    this.#show("rollsafe $(check)", []);
  }

  report(status: ServerStatus): void {
    const counts = [
      count(status.files, "file"),
      ...(status.errors > 0 ? [count(status.errors, "error")] : []),
      ...(status.warnings > 0 ? [count(status.warnings, "warning")] : []),
    ].join(" · ");
    if (status.state === "indexing") {
      this.#show(`rollsafe $(sync~spin) ${counts}`, ["Reading the workspace", ...status.off]);
    } else {
      this.#show(`rollsafe $(check) ${counts}`, status.off.map((reason) => `Off: ${reason}`));
    }
  }

  /** There is no server; the lines say why. */
  failed(lines: readonly string[]): void {
    this.#server = "";
    this.#show("rollsafe $(error)", lines);
    this.#item.command = "rollsafe.showOutput";
    this.#item.backgroundColor = new vscode.ThemeColor("statusBarItem.errorBackground");
  }

  dispose(): void {
    this.#item.dispose();
  }

  #show(text: string, lines: readonly string[]): void {
    this.#item.text = text;
    this.#item.command = "workbench.actions.view.problems";
    this.#item.backgroundColor = undefined;
    const tooltip = new vscode.MarkdownString(undefined, true);
    tooltip.isTrusted = {
      enabledCommands: ["rollsafe.planDeployment", "rollsafe.restart", "rollsafe.showOutput"],
    };
    for (const line of [...lines, this.#server].filter(Boolean)) {
      tooltip.appendText(line).appendMarkdown("\n\n");
    }
    tooltip.appendMarkdown(
      "[Plan Deployment](command:rollsafe.planDeployment) · " +
        "[Restart Server](command:rollsafe.restart) · [Show Output](command:rollsafe.showOutput)",
    );
    this.#item.tooltip = tooltip;
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
