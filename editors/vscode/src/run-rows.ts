// The rows of the view of a run, as data: knows nothing of the editor.

import type { Evidence, ForwardStep, RollbackStep, RunStatus, Step } from "./run-status";

/** One row. `flags` say what can be done with it; see the `when` clauses in package.json. */
export interface Row {
  readonly key: string;
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  readonly color?: string;
  readonly tooltip: readonly (string | { readonly code: string })[];
  readonly flags: readonly string[];
  readonly children: readonly Row[];
  readonly isOpen: boolean;
  readonly step?: Step;
  readonly command?: string;
  readonly evidence?: Evidence;
}

type Detail = Pick<Row, "label" | "icon"> & Partial<Row>;

const ICONS: Readonly<Record<Step["state"], readonly [icon: string, color: string]>> = {
  open: ["circle-large-outline", "disabledForeground"],
  done: ["pass-filled", "testing.iconPassed"],
  undone: ["pass-filled", "testing.iconPassed"],
  failed: ["error", "testing.iconFailed"],
  skipped: ["debug-step-over", "testing.iconSkipped"],
  left: ["dash", "disabledForeground"],
};
const NEXT = ["arrow-circle-right", "charts.blue"] as const;
const NO_RETURN = ["warning", "charts.orange"] as const;

/** The steps of the way that is taken; the other way is one row that opens. */
export function rows(status: RunStatus): readonly Row[] {
  const isBack = status.state === "going back" || status.state === "rolled back";
  const forward = status.steps.map((step) => stepRow(status, step));
  const back = status.back.map((step) => stepRow(status, step));
  if (isBack) {
    const past = status.steps.filter((step) => step.state !== "open").length;
    return [...back, group(status, "steps", "Steps", `${past} of ${forward.length}`, "list-ordered", forward)];
  }
  if (back.length === 0) {
    return forward;
  }
  return [...forward, group(status, "back", "Way back from here", status.leads_back, "discard", back)];
}

/** What stands above the rows, which is the one place where long words are not cut off. */
export function message(status: RunStatus): string {
  const altered = status.is_sealed ? "" : "The journal of this run was altered after it was written.";
  return [`${status.environment} · run ${status.run} · ${turn(status)}`, altered].filter(Boolean).join(". ");
}

/** Whose turn it is, and the words that matter for it: when it is good, or what to do now. */
function turn(status: RunStatus): string {
  const next = status.steps.find((step) => step.id === status.next);
  if (status.state === "going back") {
    return `${status.headline.split(":")[0]}: ${status.leads_back}`;
  }
  if (next === undefined || status.state === "failed") {
    return status.headline;
  }
  const gate = next.gate.command ? `${next.gate.command} → ` : "";
  return `step ${next.id} of ${status.steps.length} · good when: ${gate}${next.gate.expected}`;
}

/** How many steps of the way that is taken are left. */
export function left(status: RunStatus): number {
  const way = status.state === "going back" ? status.back : status.steps;
  return status.is_over ? 0 : way.filter((step) => step.state === "open" || step.state === "failed").length;
}

/** A title without the marks of Markdown, which rows do not render. */
export function plain(title: string): string {
  return title.replaceAll("`", "");
}

function stepRow(status: RunStatus, step: Step): Row {
  const isNext = step.id === status.next;
  const evidence = evidenceOf(step);
  const [icon, color] = iconOf(step, isNext);
  return {
    // A row that becomes the next one is another row: it opens.
    key: `${status.run}/${step.id}${isNext ? "/next" : ""}`,
    label: `${step.id}  ${plain(step.title)}`,
    description: descriptionOf(step, isNext),
    icon,
    color,
    tooltip: tooltipOf(step),
    flags: [
      "step",
      ...(isNext ? ["next", isForward(step) ? "forward" : "back"] : []),
      ...(step.command ? ["command"] : []),
      ...(evidence ? ["evidence"] : []),
    ],
    children: details(step).map((detail, at) => row(`${status.run}/${step.id}/${at}`, detail)),
    isOpen: isNext,
    step,
    ...(step.command ? { command: step.command } : {}),
    ...(evidence ? { evidence } : {}),
  };
}

function* forwardDetails(step: ForwardStep): Iterable<Detail> {
  if (step.is_point_of_no_return) {
    yield {
      label: "Point of no return: after this step only a backup brings the data back",
      icon: NO_RETURN[0],
      color: NO_RETURN[1],
    };
  }
  yield* commandDetail(step.command);
  yield { label: `in: ${step.context}`, description: `needs: ${step.access}`, icon: "key" };
  yield* commandDetail(step.gate.command);
  yield { label: `good when: ${step.gate.expected}`, icon: "pass" };
  yield { label: `if it fails: ${step.on_failure}`, icon: "error" };
}

function* backDetails(step: RollbackStep): Iterable<Detail> {
  yield* commandDetail(step.command);
  if (step.advice === "restore") {
    yield {
      label: "Only the backup brings the data back; skip it where that data is not needed",
      icon: NO_RETURN[0],
      color: NO_RETURN[1],
    };
  }
  if (step.data_loss !== null) {
    yield { label: `data lost: ${step.data_loss}`, icon: NO_RETURN[0], color: NO_RETURN[1] };
  }
}

function details(step: Step): readonly Detail[] {
  const evidence = evidenceOf(step);
  const because: Detail = {
    label: `because: ${step.claim.text}`,
    description: evidence ? `${evidence.path}:${evidence.line}` : step.claim.status,
    icon: evidence ? "go-to-file" : "question",
    ...(evidence ? { evidence } : {}),
  };
  const note: Detail[] = step.note ? [{ label: `note: ${step.note}`, icon: "note" }] : [];
  return [...note, ...(isForward(step) ? forwardDetails(step) : backDetails(step)), because];
}

function* commandDetail(command: string | null): Iterable<Detail> {
  if (command) {
    yield { label: command, icon: "terminal", tooltip: [{ code: command }], command, flags: ["command"] };
  }
}

function row(key: string, detail: Detail): Row {
  const tooltip = [detail.label, detail.description ?? ""].filter(Boolean);
  return { key, description: "", tooltip, flags: [], children: [], isOpen: false, ...detail };
}

function group(
  status: RunStatus,
  key: string,
  label: string,
  description: string,
  icon: string,
  children: readonly Row[],
): Row {
  return { ...row(`${status.run}/${key}`, { label, description, icon }), children };
}

function iconOf(step: Step, isNext: boolean): readonly [icon: string, color: string] {
  if (isNext && step.state === "open") {
    return NEXT;
  }
  return step.state === "open" && isForward(step) && step.is_point_of_no_return ? NO_RETURN : ICONS[step.state];
}

function descriptionOf(step: Step, isNext: boolean): string {
  const isFine = step.state === "done" || step.state === "undone";
  const told = step.at ? [isFine ? clock(step.at) : `${step.state} ${clock(step.at)}`, step.who] : [];
  const advice = step.state === "left" ? ["leave as it is"] : [];
  const mark = isForward(step) && step.is_point_of_no_return && !step.at ? ["point of no return"] : [];
  const phase = isForward(step) && !step.at && !isNext && mark.length === 0 ? [step.phase] : [];
  return [...(isNext ? ["next"] : []), ...told, ...advice, ...mark, ...phase].join(" · ");
}

function tooltipOf(step: Step): Row["tooltip"] {
  const told = step.at ? [`${capital(step.state)} ${step.at.replace("T", " ").replace("Z", " UTC")} by ${step.who}`] : [];
  return [
    `${step.id} ${plain(step.title)}`,
    ...(step.command ? [{ code: step.command }] : []),
    ...(isForward(step) ? [`Good when: ${step.gate.expected}`, `If it fails: ${step.on_failure}`] : []),
    ...told,
    ...(step.note ? [step.note] : []),
  ];
}

/** The first place in the files as they are; one of another commit cannot be opened. */
function evidenceOf(step: Step): Evidence | undefined {
  return step.claim.evidence.find((one) => one.commit === "WORKTREE");
}

function isForward(step: Step): step is ForwardStep {
  return "gate" in step;
}

function clock(at: string): string {
  return new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
}

export function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
