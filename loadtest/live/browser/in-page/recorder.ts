/// <reference lib="dom" />
import type { BenchContext, BenchState } from "./bench.ts";

/** Runs in the AudioWorklet: two mono inputs become blocks at about 16 kHz, with the frame at which they begin. */
export const recorderProcessor = `
registerProcessor("troupe-bench-recorder", class extends AudioWorkletProcessor {
  factor = Math.max(1, Math.floor(sampleRate / 16000));
  size = 1024;
  filled = 0;
  phase = 0;
  sums = [0, 0];
  block = [new Float32Array(1024), new Float32Array(1024)];
  startFrame = -1;
  process([microphone, output]) {
    for (let n = 0; n < 128; n++) {
      if (this.filled === 0 && this.phase === 0) this.startFrame = currentFrame + n;
      this.sums[0] += microphone[0]?.[n] ?? 0;
      this.sums[1] += output[0]?.[n] ?? 0;
      if (++this.phase < this.factor) continue;
      this.block[0][this.filled] = this.sums[0] / this.factor;
      this.block[1][this.filled] = this.sums[1] / this.factor;
      this.sums = [0, 0];
      this.phase = 0;
      if (++this.filled < this.size) continue;
      this.port.postMessage({ startS: this.startFrame / sampleRate, rateHz: sampleRate / this.factor, block: this.block });
      this.block = [new Float32Array(this.size), new Float32Array(this.size)];
      this.filled = 0;
    }
    return true;
  }
});`;

/** Every AudioContext of the page is recorded, and what goes to its destination is heard. */
export function hookAudio(bench: BenchState, processor: string): void {
  const NativeContext = window.AudioContext;
  const connect = AudioNode.prototype.connect as (this: AudioNode, target: AudioNode | AudioParam, ...rest: unknown[]) => unknown;
  const disconnect = AudioNode.prototype.disconnect as (this: AudioNode, ...rest: unknown[]) => void;
  const url = URL.createObjectURL(new Blob([processor], { type: "text/javascript" }));

  const adopt = (context: AudioContext): BenchContext => {
    const tap = new GainNode(context, { channelCount: 1, channelCountMode: "explicit" });
    const microphone = new GainNode(context, { channelCount: 1, channelCountMode: "explicit" });
    const entry: BenchContext = { context, tap, microphone, offsetsS: [], heardOffsetsS: [] };
    const index = bench.contexts.push(entry) - 1;
    void context.audioWorklet.addModule(url).then(() => {
      const recorder = new AudioWorkletNode(context, "troupe-bench-recorder", {
        numberOfInputs: 2,
        channelCount: 1,
        channelCountMode: "explicit",
      });
      connect.call(microphone, recorder, 0, 0);
      connect.call(tap, recorder, 0, 1);
      // Silent; only what leads to the destination is computed.
      connect.call(recorder, context.destination);
      recorder.port.onmessage = ({ data }) => {
        const [heard, said] = [data.block[1] as Float32Array, data.block[0] as Float32Array];
        bench.blocks.push({ context: index, startS: data.startS, rateHz: data.rateHz, microphone: said, output: heard });
      };
    });
    return entry;
  };
  const entryOf = (node: AudioNode) => bench.contexts.find(({ context }) => context === node.context);

  window.AudioContext = class extends NativeContext {
    constructor(options?: AudioContextOptions) {
      super(options);
      adopt(this);
    }
  };
  AudioNode.prototype.connect = function (this: AudioNode, target: AudioNode | AudioParam, ...rest: unknown[]) {
    const entry = entryOf(this);
    if (entry && target === this.context.destination) connect.call(this, entry.tap);
    return connect.call(this, target, ...rest);
  } as typeof AudioNode.prototype.connect;
  AudioNode.prototype.disconnect = function (this: AudioNode, ...rest: unknown[]) {
    const entry = entryOf(this);
    if (entry && rest[0] === this.context.destination) disconnect.call(this, entry.tap);
    disconnect.call(this, ...rest);
  } as typeof AudioNode.prototype.disconnect;
}

/** Keeps how the contexts' clocks stand to performance.now(). */
export function watchClocks(bench: BenchState): void {
  const keep = (list: number[], value: number) => {
    list.push(value);
    if (list.length > 101) list.shift();
  };
  const look = () => {
    for (const { context, offsetsS, heardOffsetsS } of bench.contexts) {
      if (context.state !== "running") continue;
      keep(offsetsS, performance.now() / 1000 - context.currentTime);
      const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp();
      if (contextTime > 0) keep(heardOffsetsS, performanceTime / 1000 - contextTime);
    }
  };
  setInterval(look, 20);
}
