// Read-only Markdown documents that the server wrote: plans and explanations.

import * as path from "node:path";
import * as vscode from "vscode";

import { rooted } from "./links";

const SCHEME = "rollsafe";

/** How a document is shown: as Markdown text, or rendered. */
export type View = "document" | "preview";

// A preview asks again for a document that VS Code closed behind it, so closing does not forget one.
const KEPT = 50;

/** A document that is on the screen while the rest of it is written. */
export interface Growing {
  /** Settles when it is on the screen. */
  readonly opened: Promise<void>;
  /** Adds Markdown to its end. */
  append(markdown: string): void;
}

/** Keeps the texts of the documents that were shown last. */
export class Documents implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #provider = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  #count = 0;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? "This document is gone: run the command again.\n";
  }

  /** Opens a document. `about` is a file of the project that it speaks of, if one is known. */
  async show(title: string, markdown: string, view: View, about?: vscode.Uri): Promise<void> {
    await this.#open(this.#add(title, rooted(markdown, folderOf(about))), view);
  }

  /** Opens a document that has only its beginning yet; see `show`. */
  grow(title: string, markdown: string, view: View, about?: vscode.Uri): Growing {
    const folder = folderOf(about);
    const uri = this.#add(title, rooted(markdown, folder));
    return {
      opened: this.#open(uri, view),
      append: (more) => {
        this.#texts.set(uri.toString(), this.provideTextDocumentContent(uri) + rooted(more, folder));
        this.#changed.fire(uri);
      },
    };
  }

  async #open(uri: vscode.Uri, view: View): Promise<void> {
    const document = await vscode.workspace.openTextDocument(uri);
    if (view === "preview" && (await preview(uri))) {
      return;
    }
    await vscode.window.showTextDocument(document, { preview: false });
  }

  #add(title: string, markdown: string): vscode.Uri {
    this.#count += 1;
    const uri = vscode.Uri.from({
      scheme: SCHEME,
      path: `/${this.#count}/${title.replaceAll(/[\\/:*?"<>|#\s]+/g, " ").trim() || "rollsafe"}.md`,
    });
    this.#keep(uri, markdown);
    return uri;
  }

  dispose(): void {
    this.#provider.dispose();
    this.#changed.dispose();
    this.#texts.clear();
  }

  #keep(uri: vscode.Uri, markdown: string): void {
    this.#texts.set(uri.toString(), markdown);
    const [oldest] = this.#texts.keys();
    if (this.#texts.size > KEPT && oldest !== undefined) {
      this.#texts.delete(oldest);
    }
  }
}

/** The workspace folder of a file, seen from the first one. */
function folderOf(file: vscode.Uri | undefined): string {
  const first = vscode.workspace.workspaceFolders?.[0];
  const own = file && vscode.workspace.getWorkspaceFolder(file);
  return first && own ? path.posix.relative(first.uri.path, own.uri.path) : "";
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
