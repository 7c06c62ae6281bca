import type { ConverseResponse, PresentedPacket, PresenterHealth } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { InStream } from "@troupe/stage";
import type { Responses } from "./responses.ts";
import type { Utterances } from "./utterances.ts";

export interface PresentedReportsDeps {
  readonly responses: Responses;
  readonly utterances: Utterances;
  readonly emit: (event: ConverseResponse["event"]) => void;
  readonly onStarted: () => void;
  readonly onHealth: (health: PresenterHealth) => void;
  readonly onStopped: (epoch: number, reason: string) => void;
}

/** What the presenter tells of its work. */
export class PresentedReports {
  readonly #deps: PresentedReportsDeps;
  /** How far it is, on the session scale. */
  presentedUs: number;
  /** Where the last response ended. */
  lastEndUs = 0;

  constructor(deps: PresentedReportsDeps, presentedUs: number) {
    this.#deps = deps;
    this.presentedUs = presentedUs;
  }

  async read(stream: InStream<"presented">): Promise<void> {
    try {
      for await (const body of stream) this.#take(body);
    } catch (thrown) {
      this.#deps.onStopped(stream.number, ServiceError.from(thrown).reason);
    }
  }

  #take(body: PresentedPacket["body"]): void {
    if (body.case === "end" || body.case === undefined) return;
    const { responses, emit, onStarted, onHealth } = this.#deps;
    if ("sessionPtsUs" in body.value) this.presentedUs = Math.max(this.presentedUs, Number(body.value.sessionPtsUs));
    switch (body.case) {
      case "started": {
        const asrMs = this.#asrOf(body.value.response);
        onStarted();
        return responses.started({ ...body.value, stageMs: { ...(asrMs === undefined ? {} : { asr: asrMs }), ...body.value.stageMs } });
      }
      case "finished":
        this.lastEndUs = Number(body.value.sessionPtsUs);
        return responses.finished(body.value);
      case "caption":
        responses.captioned(body.value.response, body.value.text);
        return emit({ case: "caption", value: body.value });
      case "health":
        return onHealth(body.value);
    }
  }

  #asrOf(number: number): number | undefined {
    const response = this.#deps.responses.open().find((candidate) => candidate.number === number);
    return response && this.#deps.utterances.asrMs(response.utterance);
  }
}
