const rateHz = 16_000;
const chunkMs = 20;

/** A microphone that is always open: sends silence in real time, and what is said in between. */
export class Speaker {
  readonly #timer: NodeJS.Timeout;
  readonly #startMs = performance.now();
  #sent = 0;
  #said = new Float32Array(0);

  constructor(send: (samples: Float32Array) => void) {
    const chunk = (rateHz * chunkMs) / 1000;
    this.#timer = setInterval(() => {
      const due = ((performance.now() - this.#startMs) / 1000) * rateHz;
      for (; this.#sent + chunk <= due; this.#sent += chunk) {
        const samples = new Float32Array(chunk);
        samples.set(this.#said.subarray(0, chunk));
        this.#said = this.#said.slice(chunk);
        send(samples);
      }
    }, chunkMs / 2);
  }

  say(samples: Float32Array): void {
    const joined = new Float32Array(this.#said.length + samples.length);
    joined.set(this.#said);
    joined.set(samples, this.#said.length);
    this.#said = joined;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
