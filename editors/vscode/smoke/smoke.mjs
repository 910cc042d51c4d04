// Drives a running VS Code through one session as a user would and writes down what was on the screen.
//
// It judges nothing: it waits for each thing to appear (that is the test of it appearing), takes the
// screenshots, and leaves the rest to the caller, who reads `result.json`.
// Environment: SMOKE_URL, SMOKE_WORKSPACE, SMOKE_SHOTS (a folder), SMOKE_CACHE (what install.sh made),
// SMOKE_BROWSER (a Chromium), SMOKE_EXECUTED (a file that programs of the workspace write to),
// SMOKE_SERVER (the `rollsafe` that somebody uses in a terminal meanwhile).

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const { SMOKE_URL, SMOKE_WORKSPACE, SMOKE_SHOTS, SMOKE_CACHE, SMOKE_BROWSER, SMOKE_EXECUTED, SMOKE_SERVER } =
  process.env;
const { chromium } = createRequire(path.join(SMOKE_CACHE, "vscode", "package.json"))("playwright-core");

const PATIENCE_MS = 30_000;
const MIGRATION = "0002_add_index.up.sql";
const FIX = "CONCURRENTLY";
const LIST_ROW = ".monaco-list-row";
const PREVIEW_PANEL = '.bulk-edit-panel[data-state="data"]';
const QUICK_INPUT = ".quick-input-widget input";
const ACTIVITY = '.activitybar .action-label[aria-label^="rollsafe"]';
const RUN_ROW = `.sidebar ${LIST_ROW}`;
const NEXT_ROW = `${RUN_ROW}:has(.label-description:text-matches("^next"))`;
const STATUS = '.statusbar-item[id$="rollsafe.status"]';

const started = Date.now();
const result = { steps: [], toasts: [] };
mkdirSync(SMOKE_SHOTS, { recursive: true });

const browser = await chromium.launch({
  executablePath: SMOKE_BROWSER,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    // Nothing leaves the machine.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
  ],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
page.setDefaultTimeout(PATIENCE_MS);

try {
  await step("restricted", restricted);
  await step("trusted", trusted);
  await step("finding", finding);
  await step("problems", problems);
  await step("explanation", explanation);
  await step("fix", fix);
  await step("unsafe fix", unsafeFix);
  await step("ignore", ignore);
  await step("plan", plan);
  await step("preview", preview);
  await step("any plan", anyPlan);
  await step("run welcome", runWelcome);
  await step("run started", runStarted);
  await step("run step", runStep);
  await step("run from terminal", runFromTerminal);
  await step("run evidence", runEvidence);
  await step("run aborted", runAborted);
  await step("run undone", runUndone);
  await step("run report", runReport);
} catch (error) {
  result.failure = String(error);
  // The tooltip says what the extension tried.
  await page.locator(STATUS).hover({ timeout: 2_000 }).catch(() => undefined);
  await page.waitForTimeout(1_500);
  await page.screenshot({ path: path.join(SMOKE_SHOTS, "failure.png") });
} finally {
  result.toasts = await page.locator(".notifications-toasts .notification-list-item").allInnerTexts();
  writeFileSync(path.join(SMOKE_SHOTS, "result.json"), JSON.stringify(result, null, 2));
  await browser.close();
}

/** A workspace that nobody has trusted: findings are there, nothing of the workspace ran. */
async function restricted() {
  await page.goto(`${SMOKE_URL}/?folder=${encodeURIComponent(SMOKE_WORKSPACE)}`);
  await page.waitForSelector(`.explorer-folders-view ${LIST_ROW}`);
  await open(MIGRATION, "CREATE INDEX");
  await page.waitForSelector(".squiggly-error, .squiggly-warning");
  const status = await statusText();
  await shot("restricted");
  const banner = await page.locator('.statusbar-item:has-text("Restricted Mode")').count();
  await page.locator(ACTIVITY).click();
  const welcome = page.locator('.sidebar .welcome-view-content:has-text("trusted workspaces only")');
  await welcome.waitFor();
  const runs = plain(await welcome.innerText());
  await page.keyboard.press("Control+Shift+E");
  await page.waitForSelector(`.explorer-folders-view ${LIST_ROW}`);
  return { status, restrictedMode: banner > 0, executed: executed(), runs };
}

/** Trust is granted in the editor's own page; the server that the workspace names is started then. */
async function trusted() {
  await command("Workspaces: Manage Workspace Trust");
  await page.locator(".workspace-trust-editor .monaco-button:has-text('Trust')").first().click();
  await until(() => executed().length > 0, "the workspace's server to start");
  await page.locator(".monaco-modal-editor-block .codicon-close, .modal-editor-part .codicon-close").last().click();
  await page.waitForSelector(".workspace-trust-editor", { state: "hidden" });
  return { executed: executed(), status: await statusText() };
}

async function finding() {
  await page.waitForSelector(".squiggly-error, .squiggly-warning");
  await page.keyboard.press("Control+Home");
  await shot("squiggle");
  return { squiggles: await page.locator(".squiggly-error, .squiggly-warning").count() };
}

async function problems() {
  await page.keyboard.press("Control+Shift+M");
  await page.waitForSelector(`.markers-panel ${LIST_ROW}:has-text("${MIGRATION}")`);
  const rows = await problemRows();
  await shot("problems");
  return { rows };
}

/** The rule that speaks on the first line, rendered; the migration is in front again afterwards. */
async function explanation() {
  await lightBulb("1:1");
  await choose("Explain");
  const text = await renderedText();
  await shot("explanation");
  await command("View: Close Editor");
  await page.waitForSelector("iframe.webview.ready", { state: "hidden" });
  return { text };
}

/** The fix on the first line, which clears one finding. */
async function fix() {
  const before = await problemRows();
  const offered = await lightBulb("1:1");
  await shot("quick-fix");
  await choose(FIX);
  await confirmIfAsked();
  await page.waitForSelector(`.view-line:has-text("${FIX}")`);
  await page.keyboard.press("Control+S");
  await until(async () => (await problemRows()).length < before.length, "the finding to go");
  await shot("fixed");
  return { offered };
}

/** A fix that changes behaviour: the editor shows what it would do and waits for a yes. */
async function unsafeFix() {
  await open("orders.yaml", "image:");
  const offered = await lightBulb("16:19");
  await choose("readiness probe");
  await page.waitForSelector(PREVIEW_PANEL);
  await shot("unsafe-fix");
  await confirmIfAsked();
  await page.waitForSelector('.view-line:has-text("readinessProbe")');
  return { offered };
}

/** An ignore comment, whose reason is typed where the editor puts the cursor. */
async function ignore() {
  await lightBulb("17:25");
  await choose("Ignore `floating-image-tag` with a reason");
  await page.waitForSelector('.view-line:has-text("rollsafe: ignore")');
  await page.keyboard.type("the staging cluster only");
  await page.keyboard.press("Control+S");
  await shot("ignored");
  return {};
}

async function plan() {
  await command("rollsafe: Plan Deployment");
  await page.waitForSelector('.tab:has-text(".md")');
  await page.waitForSelector('.view-line:has-text("# Deployment")');
  const text = await page.locator(".editor-group-container.active .view-lines").innerText();
  await shot("plan");
  return { text: plain(text), tab: await page.locator('.tab:has-text(".md")').first().innerText() };
}

/** The plan rendered, and one of its links followed to the line that it names. */
async function preview() {
  await command("rollsafe: Open Preview");
  const text = await renderedText();
  await shot("preview");
  const found = await frameWith('a:has-text("k8s/orders.yaml:")');
  const link = await found.innerText();
  // The frame may be gone before the click is known to have worked; the tab says whether it has.
  await found.click().catch(() => undefined);
  await page.waitForSelector('.tab.active:has-text("orders.yaml")');
  const cursor = await page.locator('.statusbar-item:has-text("Ln ")').innerText();
  return { text, link, cursor: plain(cursor) };
}

/** A kind of plan picked from those the server has, about nothing in particular. */
async function anyPlan() {
  await command("rollsafe: Make a Plan");
  // The list shows only what fits: rows further down exist once they are asked for.
  for (const title of ["Deployment plan", "Emergency page", "Dependency graph"]) {
    await page.waitForSelector(`.quick-input-list ${LIST_ROW}:has-text("${title}")`);
  }
  const offered = (await page.locator(`.quick-input-list ${LIST_ROW}`).allInnerTexts()).map(plain);
  // Filled in, not typed: keys that come before the box has the focus are lost.
  await page.locator(".quick-input-box input").fill("runbook");
  await page.waitForSelector(`.quick-input-list ${LIST_ROW}:has-text("Runbook")`);
  await page.keyboard.press("Enter");
  await page.waitForSelector('.quick-input-widget:has-text("nothing for the whole project")');
  await page.keyboard.press("Enter");
  await page.waitForSelector('.view-line:has-text("# Runbook")');
  const text = await page.locator(".editor-group-container.active .view-lines").innerText();
  await shot("any-plan");
  return { offered, text: plain(text) };
}

/** The view of runs before there is one: what it is for, and what to press. */
async function runWelcome() {
  await command("View: Close All Editors");
  await page.locator(ACTIVITY).click();
  await page.waitForSelector('.sidebar .welcome-view-content .monaco-button:has-text("Start a Run")');
  const text = await page.locator(".sidebar .welcome-view-content").innerText();
  await shot("run-welcome");
  return { text: plain(text) };
}

async function runStarted() {
  await page.locator('.sidebar .welcome-view-content .monaco-button:has-text("Start a Run")').click();
  await nextIs("1");
  const rows = await runRows();
  await shot("run-started");
  await page.locator(NEXT_ROW).hover();
  await page.waitForTimeout(200);
  await page.screenshot({ path: path.join(SMOKE_SHOTS, "run-buttons.png") });
  return { rows, title: plain(await page.locator(".sidebar .pane-header, .sidebar .composite.title").first().innerText()) };
}

/** The first step is done, the second fails: the mark moves on, and stays. */
async function runStep() {
  await onNext("Step Done");
  await nextIs("2");
  const done = await runRows();
  await onNext("Step Failed");
  await answer("no answer within 5 s");
  await page.waitForSelector(`${RUN_ROW}:has-text("failed")`);
  const failed = await runRows();
  await shot("run-failed");
  return { done, failed };
}

/** Somebody goes on in a terminal; the view follows by itself. */
async function runFromTerminal() {
  execFileSync(SMOKE_SERVER, ["plan", "run", "done", "2", "--who", "terminal"], { cwd: SMOKE_WORKSPACE });
  await nextIs("3");
  const rows = await runRows();
  await shot("run-terminal");
  return { rows };
}

/** The place that a step rests on, opened from its row; and the command it has, copied. */
async function runEvidence() {
  await page.locator(`${RUN_ROW}:has-text("because:")`).first().click();
  await page.waitForSelector(".tab.active");
  const tab = await page.locator(".tab.active").innerText();
  await onNext("Copy Command");
  let copied = "";
  await until(async () => {
    copied = await page.evaluate(() => navigator.clipboard.readText());
    return copied !== "";
  }, "the copied command");
  await shot("run-evidence");
  return { tab: plain(tab), copied };
}

/** The run goes back: the rollback steps of what was begun take the place of the steps. */
async function runAborted() {
  while (!(await runRows()).some((row) => /^Way back from here R\d/.test(row))) {
    await moveOn("Step Done");
  }
  const before = await runRows();
  await page.locator('.sidebar .title .action-label[aria-label^="Abort Run"]').first().click();
  await answer("errors rise");
  await until(async () => /^R\d+ /.test(await nextRow()), "a rollback step to be next");
  const rows = await runRows();
  await shot("run-aborted");
  return { before, rows };
}

async function runUndone() {
  const checked = [];
  while ((await nextRow()) !== "") {
    checked.push((await nextRow()).split(" ")[0]);
    await moveOn("Rollback Step Done");
  }
  const rows = await runRows();
  await shot("run-undone");
  return { checked, rows };
}

async function runReport() {
  await page.locator('.sidebar .title .action-label[aria-label^="Report of the Run"]').first().click();
  await page.waitForSelector('.view-line:has-text("# Run 1")');
  const text = await page.locator(".editor-group-container.active .view-lines").innerText();
  await shot("run-report");
  return { text: plain(text) };
}

/** The rows of the view of runs that are on the screen. */
async function runRows() {
  return rowTexts(RUN_ROW);
}

/** The row whose turn it is; empty when the run is over. */
async function nextRow() {
  return (await rowTexts(NEXT_ROW))[0] ?? "";
}

async function rowTexts(selector) {
  const texts = await page.locator(selector).evaluateAll((rows) =>
    // From top to bottom, which is not how they follow each other in the page.
    rows
      .sort((one, other) => one.getBoundingClientRect().top - other.getBoundingClientRect().top)
      .map((row) => [...row.querySelectorAll(".label-name, .label-description")].map((part) => part.textContent).join(" ")),
  );
  return texts.map(plain);
}

async function nextIs(id) {
  await until(async () => (await nextRow()).startsWith(`${id} `), `step ${id} to be next`);
}

/** Presses one of the buttons that the next row shows under the mouse. */
async function onNext(button) {
  await page.locator(NEXT_ROW).hover();
  await page.locator(`${NEXT_ROW} .action-label[aria-label^="${button}"]`).click();
}

async function moveOn(button) {
  const before = await nextRow();
  await onNext(button);
  await until(async () => (await nextRow()) !== before, "the mark to move on");
}

async function answer(text) {
  await page.waitForSelector(QUICK_INPUT, { state: "visible" });
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
  await page.waitForSelector(QUICK_INPUT, { state: "hidden" });
}

async function step(name, action) {
  const begun = Date.now();
  const seen = await action();
  result.steps.push({ name, seconds: (Date.now() - begun) / 1000, at: (Date.now() - started) / 1000, ...seen });
}

async function open(file, content) {
  await page.keyboard.press("Control+P");
  await page.waitForSelector(QUICK_INPUT, { state: "visible" });
  await page.keyboard.type(file);
  await page.waitForSelector(`.quick-input-list ${LIST_ROW}:has-text("${file}")`);
  await page.keyboard.press("Enter");
  await page.waitForSelector(`.view-line:has-text("${content}")`);
}

async function command(title) {
  await page.keyboard.press("F1");
  await page.waitForSelector(QUICK_INPUT, { state: "visible" });
  await page.keyboard.type(title);
  const row = page.locator(`.quick-input-list ${LIST_ROW}:has-text("${title}")`).first();
  await row.waitFor();
  await row.click();
}

async function statusText() {
  const item = page.locator(STATUS);
  const isReady = async () =>
    /\d+ files?/.test(await item.innerText()) && (await item.locator(".codicon-check").count()) > 0;
  await until(isReady, "the status item");
  return plain(await item.innerText());
}

/** The text of a rendered Markdown document, which lives in a frame of its own. */
async function renderedText() {
  await page.waitForSelector("iframe.webview.ready");
  let text = "";
  await until(async () => {
    for (const frame of page.frames()) {
      const body = frame.locator("body:has(h1)");
      if ((await body.count().catch(() => 0)) > 0) {
        text = plain(await body.innerText());
      }
    }
    return text !== "";
  }, "the rendered document");
  return text;
}

/** The first element in any frame that fits. */
async function frameWith(selector) {
  let found;
  await until(async () => {
    for (const frame of page.frames()) {
      const element = frame.locator(selector).first();
      if ((await element.count().catch(() => 0)) > 0) {
        found = element;
      }
    }
    return found !== undefined;
  }, selector);
  return found;
}

async function problemRows() {
  const rows = await page.locator(`.markers-panel ${LIST_ROW}`).allInnerTexts();
  return rows.map(plain);
}

async function until(condition, what) {
  const end = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > end) {
      throw new Error(`waited ${PATIENCE_MS / 1000} s for ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function shot(name) {
  // An empty place of the explorer: what the mouse rests on would cover the screen with its tooltip.
  await page.mouse.move(200, 620);
  await page.waitForTimeout(200);
  await page.screenshot({ path: path.join(SMOKE_SHOTS, `${name}.png`) });
}

function executed() {
  return existsSync(SMOKE_EXECUTED) ? readFileSync(SMOKE_EXECUTED, "utf8").split("\n").filter(Boolean) : [];
}

/** Opens the light bulb's menu at a place such as `16:19` and returns what it offers. */
async function lightBulb(place) {
  await page.keyboard.press("Control+1");
  await page.keyboard.press("Control+G");
  await page.waitForSelector(QUICK_INPUT, { state: "visible" });
  await page.keyboard.type(place);
  await page.keyboard.press("Enter");
  await page.waitForSelector(QUICK_INPUT, { state: "hidden" });
  await page.waitForSelector(".monaco-editor.focused");
  const rows = page.locator(".action-widget .monaco-list-row.action");
  // The editor drops the menu when findings change under it, as they do just after an edit.
  await until(async () => {
    await page.keyboard.press("Control+.");
    return rows.first().waitFor({ timeout: 2_000 }).then(
      () => true,
      () => false,
    );
  }, "the light bulb's menu");
  return (await rows.allInnerTexts()).map(plain);
}

/** Ticks and applies the previewed edits, if the fix is one that is previewed. */
async function confirmIfAsked() {
  const applied = page.locator(`.view-line:has-text("${FIX}")`);
  await page.locator(PREVIEW_PANEL).or(applied).first().waitFor();
  if ((await page.locator(PREVIEW_PANEL).count()) > 0) {
    await page.locator(`${PREVIEW_PANEL} .edit-checkbox`).first().click();
    await page.locator(`${PREVIEW_PANEL} .monaco-button:has-text("Apply")`).click();
    await page.waitForSelector(PREVIEW_PANEL, { state: "hidden" });
  }
}

async function choose(title) {
  await page.locator(`.action-widget .monaco-list-row.action:has-text("${title}")`).first().click();
}

/** Text of the screen: its spaces are non-breaking, its lines those of the layout. */
function plain(text) {
  return text.replaceAll(/[\s\u00a0\u200b]+/g, " ").trim();
}
