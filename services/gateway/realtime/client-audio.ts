import { type AudioInput, createAudioInput, InputAudioLength } from "./audio-input.ts";
import type { SessionOptions } from "./session-options.ts";
import { type AudioOutput, createAudioOutput } from "./translation/audio-output.ts";

/** Sound of one client, both ways, in the formats of its session. */
export class ClientAudio implements Disposable {
  readonly #heard = new InputAudioLength();
  #input: AudioInput | undefined;
  #output: AudioOutput | undefined;

  get output(): AudioOutput | undefined {
    return this.#output;
  }

  /** In the formats of these options from now on. */
  async ready({ inputFormat, outputFormat }: SessionOptions): Promise<{ readonly input: AudioInput; readonly heard: InputAudioLength }> {
    const input = this.#input?.format.type === inputFormat.type ? this.#input : await createAudioInput(inputFormat);
    if (this.#output?.format.type !== outputFormat.type) {
      const output = await createAudioOutput(outputFormat);
      this.#output?.[Symbol.dispose]();
      this.#output = output;
    }
    if (input !== this.#input) this.#input?.[Symbol.dispose]();
    this.#input = input;
    return { input, heard: this.#heard };
  }

  [Symbol.dispose](): void {
    this.#input?.[Symbol.dispose]();
    this.#output?.[Symbol.dispose]();
  }
}
