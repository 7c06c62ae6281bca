import type { Part } from "../part.ts";
import { backchannelPart } from "./backchannel.ts";
import { bargeInPart } from "./bargein.ts";
import { echoPart } from "./echo.ts";
import { failuresPart } from "./failures.ts";
import { latencyPart } from "./latency.ts";
import { longPart } from "./long.ts";
import { sessionsPart } from "./sessions.ts";

/** In the order in which they run. */
export const liveParts: readonly Part[] = [latencyPart, bargeInPart, backchannelPart, echoPart, sessionsPart, failuresPart, longPart];
