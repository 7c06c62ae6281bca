import type { PullEvent } from "@troupe/model-store";

/** One line for people who wait. */
export function describePullEvent(event: PullEvent): string {
  switch (event.kind) {
    case "present":
      return `${event.id}: present`;
    case "downloading":
      return `${event.id}: downloading ${event.package} ${event.version}`;
    case "downloaded":
      return `${event.id}: downloaded ${event.package}, ${(event.sizeBytes / 1e6).toFixed(1)} MB in ${seconds(event.downloadMs)}`;
    case "installing":
      return `${event.id}: the conversion needs ${event.requirements.join(", ")}`;
    case "converting":
      return `${event.id}: converting (${event.recipe})`;
    case "converted":
      return `${event.id}: converted in ${seconds(event.convertMs)}`;
    case "pulled":
      return `${event.id}: ready, ${seconds(event.downloadMs)} download, ${seconds(event.convertMs)} conversion`;
  }
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
