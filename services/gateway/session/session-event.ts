import type { AvPacket, ConverseResponse } from "@troupe/contracts";

/** What happens in a session, as everybody attached to it is told. */
export type SessionEvent = ConverseResponse["event"];

/** A header or a unit of a track. */
export function avEvent(body: AvPacket["body"]): SessionEvent {
  return { case: "av", value: { $typeName: "troupe.presentation.v1.AvPacket", epoch: 0, seq: 0, body } };
}

/** A connection to a session. */
export interface Attachment {
  /** Each event, in order. Must neither block nor throw. */
  event(event: SessionEvent): void;
  /** Whether its client comes back by itself when the gateway leaves. */
  readonly resumable?: boolean;
  /** Whether somebody hears the avatar over it. Default true; false: it only brings a person's sound. */
  readonly listens?: boolean;
  /** Whether its network carries less than it is sent, at present: asked once a second. */
  readonly congested?: boolean;
}
