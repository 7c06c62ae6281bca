import type { OutputSettings } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { StateView } from "@troupe/session";
import type { Logger } from "@troupe/stage";
import type { Scene } from "../scene/scene.ts";
import { type OutputForm, readForm } from "./output-form.ts";

/** A form that can begin with the next frame. */
export interface PreparedOutput {
  readonly form: OutputForm;
  readonly scene: Scene | undefined;
}

export interface OutputSwitchDeps {
  readonly form: OutputForm;
  readonly state: StateView;
  readonly logger: Logger;
  readonly openScene: (form: OutputForm) => Promise<Scene | undefined>;
}

/** Follows the output settings in the session's state: what is new is prepared beside the running frames, the newest wins. */
export class OutputSwitch {
  readonly #deps: OutputSwitchDeps;
  #seen: number;
  #prepared: PreparedOutput | undefined;

  constructor(deps: OutputSwitchDeps) {
    this.#deps = deps;
    this.#seen = deps.form.revision;
  }

  onState(): void {
    const { output } = this.#deps.state;
    if (!output || output.revision <= this.#seen) return;
    this.#seen = output.revision;
    void this.#prepare(output);
  }

  /** What is ready, once. */
  take(): PreparedOutput | undefined {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    return prepared;
  }

  async #prepare(output: OutputSettings): Promise<void> {
    try {
      const form = readForm(output);
      const scene = await this.#deps.openScene(form);
      if (form.revision === this.#seen) this.#prepared = { form, scene };
    } catch (thrown) {
      const { reason, message } = ServiceError.from(thrown);
      this.#deps.logger.warn({ stage: "compositor", reason, revision: output.revision }, `the output stays as it is: ${message}`);
    }
  }
}
