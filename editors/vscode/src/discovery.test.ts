// Discovery against real files and processes: which server is found, and what is never executed.

import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterEach, beforeEach, test } from "node:test";

import { findServer, isInside, type Surroundings } from "./discovery";

let root: string;
let log: string;
let where: Surroundings;

const at = (...parts: string[]): string => path.join(root, ...parts);

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "rollsafe-discovery-"));
  log = at("executed.log");
  await mkdir(at("repo"));
  await mkdir(at("home"));
  where = {
    platform: process.platform,
    env: { PATH: at("bin") },
    home: at("home"),
    trusted: true,
    folders: [at("repo")],
    serverPath: "",
    interpreter: "",
    bundle: at("bundled"),
  };
});

afterEach(() => rm(root, { recursive: true }));

/** Writes a program that records its call, then prints `output`. */
async function plant(file: string, output = "rollsafe 0.1.0"): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\necho "$0" >> '${log}'\necho '${output}'\n`);
  await chmod(file, 0o755);
  return file;
}

async function executed(): Promise<string[]> {
  const text = await readFile(log, "utf8").catch(() => "");
  return text.split("\n").filter(Boolean);
}

async function plantBundle(): Promise<string> {
  await mkdir(at("bundled"));
  await writeFile(at("bundled", "rollsafe_server.py"), "");
  return plant(at("bin", "python3"));
}

test("the places are tried in their order", async () => {
  const named = await plant(at("named", "rollsafe"));
  const workspace = await plant(at("repo", ".venv", "bin", "rollsafe"));
  const onPath = await plant(at("bin", "rollsafe"));
  const fromUv = await plant(at("home", ".local", "bin", "rollsafe"));
  const python = await plantBundle();

  const withSetting = await findServer({ ...where, serverPath: named });
  assert.equal(withSetting.launch?.command, named);
  for (const [source, command] of [
    ["workspace", workspace],
    ["PATH", onPath],
    ["uv", fromUv],
    ["bundled", python],
  ] as const) {
    const { launch } = await findServer(where);
    assert.deepEqual([launch?.source, launch?.command], [source, command]);
    await rm(command);
  }
  assert.equal((await findServer(where)).launch, undefined);
});

test("uv's tool folder is asked for", async () => {
  const server = await plant(at("tools", "rollsafe", "bin", "rollsafe"));
  await plant(at("bin", "uv"), at("tools"));
  const { launch } = await findServer(where);
  assert.deepEqual([launch?.source, launch?.command], ["uv", server]);
});

test("the bundled server runs isolated", async () => {
  await plantBundle();
  const { launch } = await findServer(where);
  assert.deepEqual(launch?.args, ["-I", "-S", "-X", "utf8", at("bundled", "rollsafe_server.py")]);
});

test("a program that answers otherwise is passed over and reported", async () => {
  await plant(at("repo", "venv", "bin", "rollsafe"), "another tool 3.1");
  const good = await plant(at("bin", "rollsafe"));
  const { launch, attempts } = await findServer(where);
  assert.equal(launch?.command, good);
  assert.deepEqual(
    attempts.map((attempt) => [attempt.source, attempt.outcome]),
    [
      ["workspace", "does not answer as rollsafe does"],
      ["PATH", "rollsafe 0.1.0"],
    ],
  );
});

test("a named server that does not run is not replaced by another one", async () => {
  await plant(at("bin", "rollsafe"));
  const { launch, attempts } = await findServer({ ...where, serverPath: at("gone", "rollsafe") });
  assert.equal(launch, undefined);
  assert.equal(attempts.length, 1);
});

test("a path setting may start with ~ or the workspace folder", async () => {
  const inHome = await plant(at("home", "own", "rollsafe"));
  const inRepo = await plant(at("repo", "own", "rollsafe"));
  const home = await findServer({ ...where, serverPath: "~/own/rollsafe" });
  const repo = await findServer({ ...where, serverPath: "${workspaceFolder}/own/rollsafe" });
  assert.equal(home.launch?.command, inHome);
  assert.equal(repo.launch?.command, inRepo);
});

test("nothing inside an untrusted workspace is executed, by whatever way it is named", async () => {
  const trap = await plant(at("repo", ".venv", "bin", "rollsafe"));
  const pythonTrap = await plant(at("repo", "bin", "python3"));
  await plant(at("repo", "bin", "rollsafe"));
  await plant(at("repo", "bin", "uv"), at("repo", "tools"));
  await plant(at("repo", "tools", "rollsafe", "bin", "rollsafe"));
  await symlink(trap, at("linked"));
  await mkdir(at("bundled"));
  await writeFile(at("bundled", "rollsafe_server.py"), "");

  const untrusted = { ...where, trusted: false, env: { PATH: at("repo", "bin") } };
  for (const serverPath of ["", trap, at("linked"), "${workspaceFolder}/.venv/bin/rollsafe"]) {
    for (const interpreter of ["", pythonTrap]) {
      const { launch } = await findServer({ ...untrusted, serverPath, interpreter });
      assert.equal(launch, undefined);
    }
  }
  const { launch } = await findServer({ ...untrusted, env: { PATH: at("repo", "bin"), UV_TOOL_DIR: at("repo", "tools") } });
  assert.equal(launch, undefined);
  assert.deepEqual(await executed(), []);
});

test("an untrusted workspace gets the server that lies outside of it", async () => {
  await plant(at("repo", ".venv", "bin", "rollsafe"));
  const outside = await plant(at("bin", "rollsafe"));
  const { launch } = await findServer({ ...where, trusted: false });
  assert.equal(launch?.command, outside);
  assert.deepEqual(await executed(), [outside]);
});

test("relative entries of PATH are not searched", async () => {
  await plant(at("bin", "rollsafe"));
  const relative = path.relative(process.cwd(), at("bin"));
  const { attempts } = await findServer({ ...where, env: { PATH: `${relative}:.:` } });
  assert.deepEqual(attempts, []);
});

test("a folder is inside itself, its parent and what merely shares its name are not", async () => {
  assert.equal(await isInside(at("repo"), [at("repo")]), true);
  assert.equal(await isInside(at("repo", "..bin", "x"), [at("repo")]), true);
  assert.equal(await isInside(root, [at("repo")]), false);
  assert.equal(await isInside(at("repository"), [at("repo")]), false);
});
