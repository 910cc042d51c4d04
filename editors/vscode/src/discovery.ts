// Which server to start. Knows paths and processes, nothing of the editor.
//
// A candidate is a guess; it becomes a launch only after it answered `--version`. In an untrusted
// workspace nothing that lies inside a workspace folder is ever executed, whoever named it: neither
// as the server nor as the interpreter, and not as a program found through PATH.

import { execFile } from "node:child_process";
import { access, constants, realpath } from "node:fs/promises";
import * as path from "node:path";

/** Where a server was found, in the order in which the places are tried. */
export type Source = "setting" | "workspace" | "PATH" | "uv" | "bundled";

/** A command that starts a server; `args` come before `server`. */
export interface Launch {
  readonly source: Source;
  readonly command: string;
  readonly args: readonly string[];
  readonly version: string;
}

/** One place that was looked at, and what became of it. */
export interface Attempt {
  readonly source: Source;
  readonly what: string;
  readonly outcome: string;
}

/** Everything that discovery depends on; paths are absolute, empty settings are empty strings. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly trusted: boolean;
  readonly folders: readonly string[];
  readonly serverPath: string;
  readonly interpreter: string;
  readonly bundle: string;
}

export interface Discovery {
  readonly launch: Launch | undefined;
  readonly attempts: readonly Attempt[];
}

interface Candidate {
  readonly source: Source;
  readonly command: string;
  readonly args: readonly string[];
}

const PROBE_TIMEOUT_MS = 5_000;
const VERSION = /^rollsafe (\d+\.\d+\.\d+\S*)/m;
const PYTHONS = ["python3", "python3.13", "python3.12", "python3.11", "python"];
// Isolated and without site-packages: the user's libraries cannot break the bundled ones.
const ISOLATED = ["-I", "-S", "-X", "utf8"];

/** Tries the places in order and returns the first server that answers. */
export async function findServer(where: Surroundings): Promise<Discovery> {
  const attempts: Attempt[] = [];
  for (const place of [named, inWorkspace, onPath, fromUv, bundled]) {
    for (const candidate of await place(where)) {
      const result = await examine(candidate, where);
      attempts.push({
        source: candidate.source,
        what: [candidate.command, ...candidate.args].join(" "),
        outcome: typeof result === "string" ? result : `rollsafe ${result.version}`,
      });
      if (typeof result !== "string") {
        return { launch: result, attempts };
      }
    }
    // A server that was named and does not run is an error to report, not one to work around.
    if (place === named && where.serverPath) {
      break;
    }
  }
  return { launch: undefined, attempts };
}

/** Runs a program without a shell and returns its output, or why there is none. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<{ readonly stdout: string } | { readonly failure: string }> {
  return new Promise((resolve) => {
    const options = { cwd, timeout: PROBE_TIMEOUT_MS, windowsHide: true };
    execFile(command, [...args], options, (error, stdout, stderr) => {
      if (error === null) {
        resolve({ stdout });
      } else if (error.killed === true) {
        resolve({ failure: `no answer in ${PROBE_TIMEOUT_MS / 1000} s` });
      } else {
        resolve({ failure: stderr.trim().split("\n").at(-1) || error.message });
      }
    });
  });
}

function named(where: Surroundings): Promise<Candidate[]> {
  const command = expand(where.serverPath, where);
  return Promise.resolve(command ? [{ source: "setting", command, args: [] }] : []);
}

function inWorkspace(where: Surroundings): Promise<Candidate[]> {
  const folders = where.trusted ? where.folders : [];
  const bin = where.platform === "win32" ? "Scripts" : "bin";
  const programs = folders.flatMap((folder) =>
    [".venv", "venv"].map((venv) => path.join(folder, venv, bin, program("rollsafe", where))),
  );
  return existing("workspace", programs);
}

function onPath(where: Surroundings): Promise<Candidate[]> {
  return existing("PATH", onSearchPath("rollsafe", where));
}

async function fromUv(where: Surroundings): Promise<Candidate[]> {
  const { env, home } = where;
  const links = [env["UV_TOOL_BIN_DIR"], env["XDG_BIN_HOME"], path.join(home, ".local", "bin")];
  const tools = await uvToolDir(where);
  const bin = where.platform === "win32" ? "Scripts" : "bin";
  const folders = [...links, tools && path.join(tools, "rollsafe", bin)];
  const programs = folders
    .filter((folder): folder is string => folder !== undefined && path.isAbsolute(folder))
    .map((folder) => path.join(folder, program("rollsafe", where)));
  return existing("uv", programs);
}

async function bundled(where: Surroundings): Promise<Candidate[]> {
  const script = path.join(where.bundle, "rollsafe_server.py");
  if (!(await readable(script))) {
    return [];
  }
  const chosen = expand(where.interpreter, where);
  const names = chosen ? [chosen] : PYTHONS.flatMap((name) => onSearchPath(name, where));
  // One interpreter has many names; without site-packages they are all the same.
  const programs = new Map<string, Candidate>();
  for (const candidate of await existing("bundled", names)) {
    const real = await resolved(candidate.command);
    programs.set(real, programs.get(real) ?? candidate);
  }
  return [...programs.values()].map((each) => ({ ...each, args: [...ISOLATED, script] }));
}

async function examine(candidate: Candidate, where: Surroundings): Promise<Launch | string> {
  if (!path.isAbsolute(candidate.command)) {
    return "not an absolute path";
  }
  if (!where.trusted && (await isInside(candidate.command, where.folders))) {
    return "not run: it lies in a workspace that is not trusted";
  }
  const answer = await run(candidate.command, [...candidate.args, "--version"], where.home);
  if ("failure" in answer) {
    return answer.failure;
  }
  const version = VERSION.exec(answer.stdout)?.[1];
  return version === undefined ? "does not answer as rollsafe does" : { ...candidate, version };
}

/** True if the path, or what it links to, lies in one of the folders. */
export async function isInside(file: string, folders: readonly string[]): Promise<boolean> {
  const ends = [path.resolve(file), await resolved(file)];
  const roots = [...folders.map((each) => path.resolve(each)), ...(await Promise.all(folders.map(resolved)))];
  return ends.some((end) =>
    roots.some((root) => {
      const way = path.relative(root, end);
      return way === "" || (way !== ".." && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way));
    }),
  );
}

/**
 * The places of a program on PATH. Relative entries are left out: they mean the current folder,
 * and searching is done here because Windows would look there first.
 */
function onSearchPath(name: string, where: Surroundings): string[] {
  const entries = where.env["PATH"] ?? where.env["Path"] ?? "";
  const separator = where.platform === "win32" ? ";" : ":";
  return entries
    .split(separator)
    .filter((entry) => path.isAbsolute(entry))
    .map((entry) => path.join(entry, program(name, where)));
}

async function uvToolDir(where: Surroundings): Promise<string | undefined> {
  for (const uv of await existing("uv", onSearchPath("uv", where))) {
    if (where.trusted || !(await isInside(uv.command, where.folders))) {
      const answer = await run(uv.command, ["tool", "dir"], where.home);
      return "failure" in answer ? undefined : answer.stdout.trim();
    }
  }
  return where.env["UV_TOOL_DIR"] ?? path.join(where.home, ".local", "share", "uv", "tools");
}

/** `~` and `${workspaceFolder}` in a path that the user wrote. */
function expand(written: string, where: Surroundings): string {
  const text = written.trim().replace(/^~(?=$|[\\/])/, where.home);
  return text.replaceAll("${workspaceFolder}", where.folders[0] ?? "");
}

function program(name: string, where: Surroundings): string {
  return where.platform === "win32" ? `${name}.exe` : name;
}

async function existing(source: Source, programs: readonly string[]): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const command of new Set(programs)) {
    if (await readable(command)) {
      found.push({ source, command, args: [] });
    }
  }
  return found;
}

async function readable(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
}

async function resolved(file: string): Promise<string> {
  return realpath(file).catch(() => path.resolve(file));
}
