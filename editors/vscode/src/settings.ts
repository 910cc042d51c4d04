// The settings of the extension, read so that a workspace that is not trusted cannot choose a program.

import * as vscode from "vscode";

export const SECTION = "rollsafe";

/** Settings that a server takes at its start only: which one runs, and which commands it has. */
export const PROCESS_SETTINGS = [
  "rollsafe.server.path",
  "rollsafe.server.interpreter",
  "rollsafe.ai.enabled",
];

/** The kinds of rules that speak: `regular` what breaks, `pedantic` hygiene, `auditor` everything. */
export type Level = "regular" | "pedantic" | "auditor";

export interface PlanOptions {
  readonly base: string;
  readonly view: "document" | "preview";
}

export function serverPath(): string {
  return program("server.path");
}

export function interpreter(): string {
  return program("server.interpreter");
}

export function planOptions(): PlanOptions {
  const settings = vscode.workspace.getConfiguration(SECTION);
  return {
    base: settings.get<string>("plan.base", ""),
    view: settings.get<PlanOptions["view"]>("plan.view", "document"),
  };
}

/** What the server is told when it starts, and when it asks for the section again. */
export function forServer(): Record<string, unknown> {
  const { server: _server, trace: _trace, ...rest } = plain(
    vscode.workspace.getConfiguration().get<Record<string, unknown>>(SECTION) ?? {},
  );
  return { ...rest, ai: { enabled: own<boolean>("ai.enabled") === true, model: own<string>("ai.model") ?? "" } };
}

/**
 * The user's own value: whether files are shown to a model is no workspace's decision. The scope of these
 * settings says so as well; this does not depend on it.
 */
function own<T>(key: string): T | undefined {
  return vscode.workspace.getConfiguration(SECTION).inspect<T>(key)?.globalValue;
}

/**
 * A setting that names a program. VS Code leaves out workspace values of restricted settings in
 * Restricted Mode; asking for the user's own value as well does not depend on that.
 */
function program(key: string): string {
  const settings = vscode.workspace.getConfiguration(SECTION);
  if (vscode.workspace.isTrusted) {
    return settings.get<string>(key, "");
  }
  return settings.inspect<string>(key)?.globalValue ?? "";
}

/** Configuration objects are proxies; what travels to the server is a copy. */
function plain(settings: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(settings)) as Record<string, unknown>;
}
