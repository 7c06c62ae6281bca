import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { type Browser, chromium, type Page } from "playwright-core";

const { resolve } = createRequire(import.meta.url);

/** Debian's Chromium. */
export async function launchChromium(): Promise<Browser> {
  return await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--use-fake-ui-for-media-stream"],
  });
}

export interface PageOptions {
  readonly query?: string;
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** The browser refuses the microphone. */
  readonly denied?: boolean;
}

/** What the init script leaves in the page. */
interface Taps {
  /** Loudness of what the page played in the last 85 ms. */
  level(): number;
  /** The loudest 85 ms of what the page plays from now on, for `seconds`. */
  loudest(seconds: number): Promise<number>;
  /** Says samples of 24 kHz sound into the microphone. @returns when it is over */
  speak(samples: readonly number[]): Promise<void>;
  cut(): void;
}

declare const taps: Taps;

/**
 * Opens the page with a microphone that a test speaks into, and taps on what it plays. The page's own code is untouched: only
 * the browser's getUserMedia is given another source.
 */
export async function openPage(browser: Browser, url: string, options: PageOptions = {}): Promise<Page> {
  const { query = "language=en", width = 1280, height = 800, dark = false, denied = false } = options;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? "dark" : "light", locale: "en-GB" });
  const page = await context.newPage();
  await page.addInitScript(tap, denied);
  await page.goto(`${url}/?${query}`);
  return page;
}

/** Runs in the page before its scripts. */
function tap(denied: boolean): void {
  const state: { context?: AudioContext; analyser?: AnalyserNode; microphone?: MediaStreamAudioDestinationNode; socket?: WebSocket } = {};
  const NativeContext = AudioContext;
  window.AudioContext = class extends NativeContext {
    constructor(given?: AudioContextOptions) {
      super(given);
      state.context = this;
      state.analyser = this.createAnalyser();
      state.analyser.fftSize = 4096;
    }
  };
  const connect = AudioNode.prototype.connect as (this: AudioNode, ...given: unknown[]) => AudioNode;
  AudioNode.prototype.connect = function (this: AudioNode, ...given: unknown[]) {
    if (given[0] === state.context?.destination && state.analyser) connect.call(this, state.analyser);
    return connect.apply(this, given);
  } as typeof AudioNode.prototype.connect;
  const NativeSocket = WebSocket;
  window.WebSocket = class extends NativeSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols);
      state.socket = this;
    }
  };
  navigator.mediaDevices.getUserMedia = async () => {
    if (denied || !state.context) throw new DOMException("refused", "NotAllowedError");
    state.microphone = state.context.createMediaStreamDestination();
    return state.microphone.stream;
  };
  const window85ms = 4096;
  const level = () => {
    const samples = new Float32Array(window85ms);
    state.analyser?.getFloatTimeDomainData(samples);
    return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
  };
  const tools: Taps = {
    level,
    async loudest(seconds) {
      const { context } = state;
      if (!context) throw new Error("the page has played nothing yet");
      const fromS = context.currentTime + window85ms / context.sampleRate;
      let loudest = 0;
      while (context.currentTime < fromS + seconds) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (context.currentTime >= fromS) loudest = Math.max(loudest, level());
      }
      return loudest;
    },
    async speak(samples) {
      const { context, microphone } = state;
      if (!context || !microphone) throw new Error("the microphone is not open");
      const buffer = context.createBuffer(1, samples.length, 24_000);
      buffer.copyToChannel(Float32Array.from(samples), 0);
      const source = context.createBufferSource();
      source.buffer = buffer;
      source.connect(microphone);
      source.start();
      await new Promise((resolve) => source.addEventListener("ended", resolve));
    },
    cut: () => state.socket?.close(4000),
  };
  Object.assign(window, { taps: tools });
}

/** The loudest moment of one second from now on: pauses between words are shorter. */
export const loudest = (page: Page): Promise<number> => page.evaluate(() => taps.loudest(1));
export const speak = (page: Page, samples: Float32Array): Promise<void> => page.evaluate((given) => taps.speak(given), [...samples]);
export const cutConnection = (page: Page): Promise<void> => page.evaluate(() => taps.cut());

export async function untilState(page: Page, ...states: readonly string[]): Promise<void> {
  await page.waitForFunction((wanted) => wanted.includes(document.getElementById("status")?.dataset.state ?? ""), states, {
    timeout: 30_000,
  });
}

export async function untilSound(page: Page): Promise<void> {
  await page.waitForFunction(() => taps.level() > 0.01, undefined, { timeout: 30_000, polling: 20 });
}

export async function begin(page: Page): Promise<void> {
  await page.click("#start");
  await untilState(page, "listening");
}

/** What the page's script leaves of its call in `window.troupe`, as far as tests use it. */
interface OpenCall {
  readonly events: readonly { readonly type: string; readonly output?: { readonly width: number } }[];
  readonly call: {
    on(type: "output", listener: (detail: { readonly step: number }) => void): void;
    setOutput(output: { readonly width?: number; readonly height?: number }): void;
  };
}

/** The call asks anew for its form of picture and sound each time it is sent less, as on a busy machine: pictures do not go away. */
export async function pinOutput(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { call } = (window as unknown as { troupe: OpenCall }).troupe;
    call.on("output", ({ step }) => step > 0 && call.setOutput({}));
  });
}

/** Asks for pictures of another size, 0x0: for none, and waits until it is told that they are sent so. */
export async function setPictureSize(page: Page, side: number): Promise<void> {
  await page.evaluate(
    (wanted) => (window as unknown as { troupe: OpenCall }).troupe.call.setOutput({ width: wanted, height: wanted }),
    side,
  );
  await page.waitForFunction((wanted) => {
    const { events } = (window as unknown as { troupe: OpenCall }).troupe;
    return events.findLast(({ type }) => type === "troupe.output.changed")?.output?.width === wanted;
  }, side);
}

/** Types a question and waits until its answer is heard. */
export async function ask(page: Page, text: string): Promise<void> {
  await page.fill("#text", text);
  await page.press("#text", "Enter");
  await untilSound(page);
}

/** Share of 64x64 picture points below the middle of the avatar that change while `frames` frames are drawn. */
export async function movement(page: Page, selector: string, frames = 60): Promise<number> {
  return await page.evaluate(
    async ([given, count]) => {
      const picture = document.querySelector(given) as HTMLCanvasElement | HTMLVideoElement;
      const context = new OffscreenCanvas(64, 64).getContext("2d", { willReadFrequently: true });
      if (!context) return 0;
      const look = () => {
        context.drawImage(picture, 0, 0, 64, 64);
        return context.getImageData(0, 0, 64, 64).data;
      };
      const first = look();
      const changed = new Set<number>();
      for (let frame = 0; frame < count; frame++) {
        await new Promise(requestAnimationFrame);
        const now = look();
        for (let at = 0; at < now.length; at += 4) if (Math.abs((now[at] as number) - (first[at] as number)) > 24) changed.add(at);
      }
      return changed.size / (64 * 64);
    },
    [selector, frames] as const,
  );
}

/** Violations of axe-core's rules in the page as it is, one line each. */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(resolve("axe-core/axe.min.js"), "utf8"));
  return await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(" | ")}`);
  });
}
