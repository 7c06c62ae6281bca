import type { PullEvent } from "@troupe/model-store";
import { describeBytes, describeSeconds } from "./amounts.ts";

export interface ProgressOutput {
  /** Whether a line can be overwritten. */
  readonly isTerminal: boolean;
  write(text: string): void;
}

export interface PullProgress {
  show(event: PullEvent): void;
  /** Ends a line that is still being overwritten. */
  close(): void;
}

/** Between two lines about the same download where lines cannot be overwritten. */
const LINE_EVERY_MS = 5_000;
const REDRAW_EVERY_MS = 200;
const ERASE_LINE = "\r\x1b[2K";

/**
 * Says what a pull does: one line a step, and how far a download is: overwritten in place on a terminal, else every few seconds.
 * @param nowMs a clock for rates
 */
export function createPullProgress(output: ProgressOutput, nowMs: () => number): PullProgress {
  let startMs = 0;
  let startBytes = 0;
  let lastMs = 0;
  let open = false;

  const line = (text: string) => {
    output.write(`${open ? ERASE_LINE : ""}${text}\n`);
    open = false;
  };

  function showReceived(event: PullEvent & { readonly kind: "received" }): void {
    const now = nowMs();
    if (now - lastMs < (output.isTerminal ? REDRAW_EVERY_MS : LINE_EVERY_MS)) return;
    lastMs = now;
    const text = describeReceived(event, ((event.receivedBytes - startBytes) / Math.max(now - startMs, 1)) * 1000);
    if (!output.isTerminal) return line(text);
    output.write(`${ERASE_LINE}${text}`);
    open = true;
  }

  return {
    show(event) {
      if (event.kind === "received") return showReceived(event);
      if (event.kind === "fetching") {
        startMs = lastMs = nowMs();
        startBytes = event.resumedBytes;
      }
      line(describePullEvent(event));
    },
    close() {
      if (open) output.write("\n");
      open = false;
    },
  };
}

function describeReceived(event: PullEvent & { readonly kind: "received" }, bytesPerSecond: number): string {
  const { receivedBytes, totalBytes } = event;
  const total = totalBytes === undefined ? "" : ` of ${describeBytes(totalBytes)} (${Math.floor((100 * receivedBytes) / totalBytes)} %)`;
  return `${event.id}: ${event.from}: ${describeBytes(receivedBytes)}${total}, ${describeBytes(Math.round(bytesPerSecond))}/s`;
}

type Step = Exclude<PullEvent, { readonly kind: "received" }>;

/** One line for people who wait. */
export function describePullEvent(event: Step): string {
  return `${event.id}: ${describeStep(event)}`;
}

function describeStep(event: Step): string {
  switch (event.kind) {
    case "present":
      return "present, verified";
    case "waiting":
      return "somebody else is pulling it; waiting";
    case "fetching":
      return `fetching ${event.from}${event.resumedBytes > 0 ? `, ${describeBytes(event.resumedBytes)} are there already` : ""}`;
    case "fetched":
      return `fetched ${event.from}, ${describeBytes(event.sizeBytes)} in ${describeSeconds(event.fetchMs)}`;
    case "failed":
      return `${event.from} failed (${event.reason}); trying on`;
    case "installing":
      return `the conversion needs ${event.requirements.join(", ")}`;
    case "installed":
      return `installed in ${describeSeconds(event.installMs)}`;
    case "converting":
      return `converting (${event.recipe})`;
    case "converted":
      return `converted in ${describeSeconds(event.convertMs)}`;
    case "pulled":
      return `ready, ${describeSeconds(event.fetchMs + event.installMs)} fetching, ${describeSeconds(event.convertMs)} converting`;
  }
}
