// What the server's command `rollsafe.run` answers, as far as it is used here.

export interface Evidence {
  readonly path: string;
  readonly line: number;
  readonly commit: string;
}

/** A step and the last that was written down of it. `id` is a number, or for a rollback step `R1`. */
interface Recorded {
  readonly id: string;
  readonly title: string;
  readonly command: string | null;
  readonly state: "open" | "done" | "failed" | "skipped" | "undone" | "left";
  readonly at: string;
  readonly who: string;
  readonly note: string;
  readonly claim: { readonly text: string; readonly status: string; readonly evidence: readonly Evidence[] };
}

export interface ForwardStep extends Recorded {
  readonly phase: string;
  readonly context: string;
  readonly access: string;
  readonly gate: { readonly command: string | null; readonly expected: string };
  readonly on_failure: string;
  readonly is_point_of_no_return: boolean;
}

export interface RollbackStep extends Recorded {
  readonly undoes: string;
  readonly advice: "run" | "leave" | "restore";
  readonly data_loss: string | null;
}

export type Step = ForwardStep | RollbackStep;

export interface RunStatus {
  readonly run: number;
  readonly title: string;
  readonly environment: string;
  readonly state: "open" | "failed" | "going back" | "rolled back" | "finished";
  readonly is_over: boolean;
  readonly is_sealed: boolean;
  readonly headline: string;
  /** The id of the step whose turn it is. */
  readonly next: string | null;
  readonly leads_back: string;
  readonly steps: readonly ForwardStep[];
  readonly back: readonly RollbackStep[];
}

/** A run as the server lists it. */
export interface RunSummary {
  readonly run: number;
  readonly title: string;
  readonly environment: string;
  readonly state: RunStatus["state"] | "unreadable";
  readonly entries: readonly { readonly at: string }[];
}

export interface RunAnswer {
  readonly title: string;
  readonly markdown: string;
  /** The project's directory as a URI; paths of evidence are relative to it. */
  readonly root: string;
  readonly status: RunStatus | null;
  readonly runs: readonly RunSummary[];
}

export const isOver = (run: RunSummary): boolean =>
  run.state === "finished" || run.state === "rolled back" || run.state === "unreadable";
