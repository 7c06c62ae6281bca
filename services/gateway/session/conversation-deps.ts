import type { Bus } from "@troupe/bus";
import type { ConverseResponse, PresenterHealth } from "@troupe/contracts";
import type { Logger, OwnedSession } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import type { EndpointPolicy, Vad } from "@troupe/vad";
import type { TurnPolicy } from "../turn-taking/index.ts";
import type { ConversationSnapshot } from "./conversation-snapshot.ts";
import type { ExpiryReason, SessionTimes } from "./session-time.ts";
import type { SpeculationCounter } from "./turn-commands.ts";

export interface ConversationDeps {
  readonly owned: OwnedSession;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly vad: Vad;
  readonly turnPolicy: TurnPolicy;
  readonly endpointPolicy: EndpointPolicy;
  readonly sampleRateHz: number;
  /** BCP-47; empty: as it is heard. */
  readonly language: string;
  readonly emit: (event: ConverseResponse["event"]) => void;
  /** So many seconds of sound came from the person. */
  readonly onHeard?: (seconds: number) => void;
  /** Characters of one text; default and highest: 4,000. */
  readonly maxTextLength?: number;
  /** The conversation that another gateway began. */
  readonly adopted?: ConversationSnapshot;
  /** Default: without limits. */
  readonly times?: SessionTimes;
  /** The session has lasted too long, or nothing happened in it. */
  readonly onExpire?: (reason: ExpiryReason) => void;
  /** The client's sound ran out. */
  readonly onUnderrun?: () => void;
  /** How the presenter kept its time in the last second. */
  readonly onHealth?: (health: PresenterHealth) => void;
  /** How speculative responses ended: "committed" or "wasted". */
  readonly onSpeculation?: SpeculationCounter;
}
