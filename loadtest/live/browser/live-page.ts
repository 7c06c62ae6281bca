import { floatToPcm16, pcm16ToBytes } from "@troupe/audio";
import { ServiceError } from "@troupe/errors";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { type Language, materialRateHz } from "../material/spoken-material.ts";
import type { Taken } from "./in-page/taking.ts";
import { gridCells, initScript } from "./init-script.ts";
import { decodeRecording, joinRecordings, type ReceivedEvent, type Recording } from "./recording.ts";

export interface LivePageOptions {
  /** Of the page, e.g. http://127.0.0.1:8080/ */
  readonly url: string;
  readonly language: Language;
  /** More of the page's query. */
  readonly query?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

interface BenchControls {
  load(name: string, pcm: string, rateHz: number): void;
  speak(name: string, inS: number, gainDb: number): number;
  echo(wanted: EchoOptions | undefined): void;
  now(): number;
  ready(): boolean;
  take(): Taken;
  send(event: object): void;
  network(on: boolean): void;
}

export interface EchoOptions {
  readonly delayMs: number;
  readonly gainDb: number;
  /** Name of a sound that was loaded: the room's impulse response. */
  readonly room: string;
}

declare const troupeBench: BenchControls;
declare const troupe: { readout(): Readout };

/** What the page tells of itself. */
export interface Readout {
  readonly state?: string;
  /** What leaves the loudspeaker, on the session's scale. */
  readonly positionUs?: number;
  readonly bufferedUs?: number;
  readonly targetUs?: number;
  readonly underruns?: number;
  readonly picture?: { readonly shown?: number; readonly dropped?: number; readonly avOffsetUs?: number };
  readonly [field: string]: unknown;
}

const readyMs = 45_000;
const pollMs = 50;
/** What is kept of the past while nobody looks. */
const keptS = 120;

/** The page in Chromium, with a person before it whose voice is the test's. */
export class LivePage implements AsyncDisposable {
  readonly problems: string[] = [];
  readonly #context: BrowserContext;
  readonly #page: Page;
  readonly #signal: AbortSignal;
  readonly #loaded = new Set<string>();
  #parts: Recording[] = [];

  private constructor(context: BrowserContext, page: Page, signal: AbortSignal) {
    this.#context = context;
    this.#page = page;
    this.#signal = signal;
    page.on("pageerror", (error) => this.problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") this.problems.push(message.text());
    });
  }

  /** Opens the page and begins a call. Resolves when its picture moves and the microphone is open. */
  static async open(browser: Browser, { url, language, query, signal }: LivePageOptions): Promise<LivePage> {
    const context = await browser.newContext({ bypassCSP: true, viewport: { width: 1024, height: 768 }, permissions: ["microphone"] });
    const page = new LivePage(context, await context.newPage(), signal);
    try {
      await page.#page.addInitScript({ content: initScript() });
      const address = new URL(url);
      for (const [name, value] of Object.entries({ language, ...query })) address.searchParams.set(name, value);
      await page.#page.goto(address.href, { timeout: readyMs });
      await page.#page.click("#start");
      await page.#page.waitForFunction(() => troupeBench.ready(), undefined, { timeout: readyMs });
      await page.until((recording) => recording.frames.timesS.length > 10, readyMs, "the picture moves");
      return page;
    } catch (thrown) {
      const state = await page.#page.evaluate(() => JSON.stringify(troupe.readout())).catch(() => "no readout");
      await page[Symbol.asyncDispose]();
      throw new ServiceError("BACKEND_FAILED", `the page did not begin the call: ${[...page.problems, state].join("; ")}`, {
        cause: thrown,
      });
    }
  }

  get page(): Page {
    return this.#page;
  }

  /** Says it into the microphone. @returns when its first sample sounds, in seconds of the clock */
  async speak(name: string, samples: Float32Array, { inS = 0.1, gainDb = 0 } = {}): Promise<number> {
    await this.load(name, samples);
    return await this.#page.evaluate(([sound, wait, db]) => troupeBench.speak(sound, wait, db), [name, inS, gainDb] as const);
  }

  /** So that it can be said at once later. */
  async load(name: string, samples: Float32Array): Promise<void> {
    if (this.#loaded.has(name)) return;
    const pcm = Buffer.from(pcm16ToBytes(floatToPcm16(samples))).toString("base64");
    await this.#page.evaluate(([sound, data, rateHz]) => troupeBench.load(sound, data, rateHz), [name, pcm, materialRateHz] as const);
    this.#loaded.add(name);
  }

  async echo(wanted: EchoOptions | undefined): Promise<void> {
    await this.#page.evaluate((options) => troupeBench.echo(options), wanted);
  }

  /** Seconds of the clock. */
  async now(): Promise<number> {
    return await this.#page.evaluate(() => troupeBench.now());
  }

  /** An event of the Realtime protocol, on the page's own socket. */
  async send(event: object): Promise<void> {
    await this.#page.evaluate((data) => troupeBench.send(data), event);
  }

  /** Cuts or restores the page's connections to the gateway. */
  async network(on: boolean): Promise<void> {
    await this.#page.evaluate((connected) => troupeBench.network(connected), on);
  }

  async readout(): Promise<Readout> {
    return await this.#page.evaluate(() => troupe.readout());
  }

  /** What was recorded since `forget`, up to now. */
  async record(): Promise<Recording> {
    this.#signal.throwIfAborted();
    const part = decodeRecording(await this.#page.evaluate(() => troupeBench.take()), gridCells ** 2);
    this.#parts.push(part);
    while (this.#parts.length > 1 && part.startS - (this.#parts[0]?.startS ?? 0) > keptS) this.#parts.shift();
    return joinRecordings(this.#parts);
  }

  forget(): void {
    this.#parts = [];
  }

  /** Records until it is accepted. @returns undefined when that does not happen in time */
  async waitFor(accept: (recording: Recording) => boolean, timeoutMs: number): Promise<Recording | undefined> {
    const untilMs = performance.now() + timeoutMs;
    for (;;) {
      const recording = await this.record();
      if (accept(recording)) return recording;
      if (performance.now() > untilMs) return undefined;
      await this.pause(pollMs / 1000);
    }
  }

  /** As waitFor. @throws ServiceError DEADLINE */
  async until(accept: (recording: Recording) => boolean, timeoutMs: number, what: string): Promise<Recording> {
    const recording = await this.waitFor(accept, timeoutMs);
    if (!recording) throw new ServiceError("DEADLINE", `not within ${timeoutMs} ms: ${what}`);
    return recording;
  }

  /** The next event of a type after `afterS`; undefined when none comes in time. */
  async event(type: string, afterS: number, timeoutMs: number): Promise<ReceivedEvent | undefined> {
    const found = (recording: Recording) => recording.events.find((event) => event.type === type && event.timeS > afterS);
    const recording = await this.waitFor((candidate) => found(candidate) !== undefined, timeoutMs);
    return recording && found(recording);
  }

  async pause(seconds: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    this.#signal.throwIfAborted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
  }
}
