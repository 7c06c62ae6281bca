import { Track } from "@troupe/contracts";
import type { Stage } from "@troupe/stage";
import type { SpokenAnswer } from "../../platform/spoken-answer.ts";
import { giveStream, openStage, presentation } from "../../platform/stage-run.ts";

export interface PresentedRun {
  readonly frames: number;
  readonly videoBytes: number;
  /** User and system time of the whole process, encoder threads included. */
  readonly cpuMs: number;
  /** Of that, the thread that draws. */
  readonly threadMs: number;
  readonly wallMs: number;
}

/** Presents one answer as fast as it goes, from opening the stage to the last encoded frame. */
export async function presentOnce(stage: Stage, answer: SpokenAnswer, sidePx: number): Promise<PresentedRun> {
  let frames = 0;
  let videoBytes = 0;
  const startMs = performance.now();
  const cpu = process.cpuUsage();
  const thread = process.threadCpuUsage();
  const binding = await openStage(stage, presentation({ width: sidePx, height: sidePx, captions: sidePx > 0 }), (edge, { body }) => {
    if (edge !== "av" || body.case !== "unit") return;
    const unit = body.value as { readonly track: Track; readonly data: Uint8Array };
    if (unit.track !== Track.VIDEO) return;
    frames++;
    videoBytes += unit.data.byteLength;
  });
  try {
    giveStream(binding, "speech", answer.speech);
    giveStream(binding, "motion", answer.motion);
    await binding.idle();
  } finally {
    await binding.close();
  }
  const used = process.cpuUsage(cpu);
  const own = process.threadCpuUsage(thread);
  const cpuMs = (used.user + used.system) / 1000;
  return { frames, videoBytes, cpuMs, threadMs: (own.user + own.system) / 1000, wallMs: performance.now() - startMs };
}
