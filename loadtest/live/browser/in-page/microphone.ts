/// <reference lib="dom" />
import type { BenchContext, BenchState } from "./bench.ts";

/** getUserMedia gives a microphone that hears what the test plays, before a faint noise. */
export function hookMicrophone(bench: BenchState, noiseDb: number): void {
  const openIn = (entry: BenchContext): MediaStream => {
    const { context, microphone } = entry;
    const noise = new AudioBuffer({ length: context.sampleRate * 2, sampleRate: context.sampleRate });
    const samples = noise.getChannelData(0);
    // Evenly spread in -1..1: a third of a full square.
    for (let n = 0; n < samples.length; n++) samples[n] = (Math.random() * 2 - 1) * Math.sqrt(3) * 10 ** (noiseDb / 20);
    const source = new AudioBufferSourceNode(context, { buffer: noise, loop: true });
    source.connect(microphone);
    source.start();
    const output = context.createMediaStreamDestination();
    microphone.connect(output);
    return output.stream;
  };
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    if (!constraints?.audio) throw new DOMException("the test has a microphone only", "NotFoundError");
    const playing = bench.contexts.find(({ context }) => context.state !== "closed");
    if (!playing) new AudioContext();
    bench.clock ??= playing ?? (bench.contexts.at(-1) as BenchContext);
    return openIn(bench.clock);
  };
}

/** What the test asks of the microphone. */
export function microphoneControls(bench: BenchState) {
  const clock = (): BenchContext => {
    if (!bench.clock) throw new Error("the page has not asked for the microphone yet");
    return bench.clock;
  };
  let echo: AudioNode[] = [];
  /** A response at the context's rate: each sample held, its sum kept. */
  const roomAt = (name: string, rateHz: number): AudioBuffer | null => {
    const given = bench.sounds.get(name);
    if (!given) return null;
    const ratio = rateHz / given.sampleRate;
    const samples = given.getChannelData(0);
    const room = new AudioBuffer({ length: Math.ceil(samples.length * ratio), sampleRate: rateHz });
    room.copyToChannel(
      Float32Array.from({ length: room.length }, (_, n) => (samples[Math.floor(n / ratio)] ?? 0) / ratio),
      0,
    );
    return room;
  };
  return {
    /** @param pcm base64 of signed 16-bit samples */
    load(name: string, pcm: string, rateHz: number): void {
      const bytes = Uint8Array.fromBase64(pcm);
      const values = new Int16Array(bytes.buffer, 0, bytes.length / 2);
      const buffer = new AudioBuffer({ length: values.length, sampleRate: rateHz });
      buffer.copyToChannel(
        Float32Array.from(values, (value) => value / 32768),
        0,
      );
      bench.sounds.set(name, buffer);
    },
    /** @returns when it is heard, in seconds of the clock */
    speak(name: string, inS: number, gainDb = 0): number {
      const { context, microphone } = clock();
      const buffer = bench.sounds.get(name) ?? null;
      const source = new AudioBufferSourceNode(context, { buffer });
      const gain = new GainNode(context, { gain: 10 ** (gainDb / 20) });
      source.connect(gain).connect(microphone);
      const atS = context.currentTime + inS;
      source.start(atS);
      return atS;
    },
    /** The page's own output comes back into the microphone; undefined: no more. */
    echo(wanted: { readonly delayMs: number; readonly gainDb: number; readonly room: string } | undefined): void {
      for (const node of echo) node.disconnect();
      echo = [];
      if (!wanted) return;
      const { context, microphone, tap } = clock();
      const delay = new DelayNode(context, { delayTime: wanted.delayMs / 1000, maxDelayTime: 1 });
      const room = new ConvolverNode(context, { buffer: roomAt(wanted.room, context.sampleRate), disableNormalization: true });
      const gain = new GainNode(context, { gain: 10 ** (wanted.gainDb / 20) });
      // Sound that leaves the page in another context takes the way through a stream.
      const others = bench.contexts.filter((entry) => entry.tap !== tap && entry.context.state !== "closed");
      for (const other of others) {
        const bridge = other.context.createMediaStreamDestination();
        other.tap.connect(bridge);
        const source = context.createMediaStreamSource(bridge.stream);
        source.connect(delay);
        echo.push(source);
      }
      tap.connect(delay);
      delay.connect(room).connect(gain).connect(microphone);
      echo.push(delay, room, gain);
    },
    now: (): number => clock().context.currentTime,
    ready: (): boolean => bench.clock?.context.state === "running" && bench.blocks.length > 0,
  };
}
