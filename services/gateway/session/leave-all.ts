import { create } from "@bufbuild/protobuf";
import { NoticeKind, NoticeSchema } from "@troupe/contracts";
import type { Clock } from "@troupe/timeline";
import type { LiveSession } from "./live-session.ts";

export interface Leaving {
  /** Whether there are any, those included that are being opened. */
  readonly busy: () => boolean;
  /** Whether another gateway can have the sessions. */
  readonly recorded: boolean;
  /** Those that still speak then are ended amid it. */
  readonly graceMs: number;
}

const lookEveryMs = 50;

/** Ends every session of a gateway that leaves, each in a silence if it can go on elsewhere. @param sessions those that there are still */
export async function leaveAll(clock: Clock, sessions: () => readonly LiveSession[], { busy, recorded, graceMs }: Leaving): Promise<void> {
  /** All clients of the session know how to come back, and another gateway can have it. */
  const mayHandOver = (session: LiveSession) => recorded && session.resumable;
  const leave = async (session: LiveSession) => {
    if (mayHandOver(session)) session.event({ case: "notice", value: create(NoticeSchema, { kind: NoticeKind.RECONNECT }) });
    await session.end("drained");
  };
  const untilMs = clock.nowMs() + graceMs;
  while (busy() && clock.nowMs() < untilMs) {
    const idle = sessions().filter((session) => session.conversation.idle && mayHandOver(session));
    await Promise.all(idle.map(leave));
    if (busy()) await clock.sleep(lookEveryMs);
  }
  await Promise.all(sessions().map(leave));
}
