// Read-only Markdown documents that the server wrote: plans and explanations.

import * as vscode from "vscode";

const SCHEME = "rollsafe";

/** How a document is shown: as Markdown text beside the editor, or rendered. */
export type View = "document" | "preview";

/** Keeps the text of every document that is open, and forgets it when the document closes. */
export class Documents implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #subscriptions: vscode.Disposable[];
  #count = 0;

  constructor() {
    this.#subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.workspace.onDidCloseTextDocument((document) => {
        this.#texts.delete(document.uri.toString());
      }),
    ];
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? "This document is gone: run the command again.\n";
  }

  async show(title: string, markdown: string, view: View): Promise<void> {
    this.#count += 1;
    const uri = vscode.Uri.from({
      scheme: SCHEME,
      path: `/${this.#count}/${title.replaceAll(/[\\/:*?"<>|#\s]+/g, " ").trim() || "rollsafe"}.md`,
    });
    this.#texts.set(uri.toString(), markdown);
    const document = await vscode.workspace.openTextDocument(uri);
    if (view === "preview" && (await preview(uri))) {
      return;
    }
    await vscode.window.showTextDocument(document, {
      preview: false,
      viewColumn: vscode.ViewColumn.Beside,
    });
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions).dispose();
    this.#texts.clear();
  }
}

/** Renders the document in the active editor, or the given one; false if nothing here renders Markdown. */
export async function preview(uri?: vscode.Uri): Promise<boolean> {
  const target = uri ?? vscode.window.activeTextEditor?.document.uri;
  if (target?.scheme !== SCHEME) {
    return false;
  }
  return vscode.commands.executeCommand("markdown.showPreview", target).then(
    () => true,
    () => false,
  );
}
