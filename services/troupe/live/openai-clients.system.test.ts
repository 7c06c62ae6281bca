import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createResampler, floatToPcm16, pcm16ToBytes, readWav } from "@troupe/audio";
import type { LiveServer } from "@troupe/gateway";
import { createLogger } from "@troupe/service";
import OpenAI from "openai";
import { OpenAIRealtimeWS } from "openai/realtime/ws";
import type { RealtimeServerEvent } from "openai/resources/realtime/realtime";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { root } from "../places.ts";
import { type SelfSigned, selfSigned } from "../testing/self-signed.ts";

/** Budget: 90 s; the real models answer in real time. */
let platform: Embedded;
let server: LiveServer;
let tls: SelfSigned;
let folder: string;
const questions = new Map<string, Uint8Array>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "troupe-openai-"));
  tls = await selfSigned();
  platform = await startEmbedded({
    env: { ...process.env, TROUPE_HTTP_PORT: "0", TROUPE_TLS_CERT: tls.certFile, TROUPE_TLS_KEY: tls.keyFile },
    logger: createLogger("test", "error"),
  });
  server = await platform.serveLive();
  for (const name of ["hours", "children"]) {
    questions.set(name, await question(name));
    await writeFile(join(folder, `${name}.pcm`), questions.get(name) as Uint8Array);
  }
});
afterAll(async () => {
  await platform[Symbol.asyncDispose]();
  await tls[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A recorded question as 24 kHz PCM. */
async function question(name: string): Promise<Uint8Array> {
  const { samples, sampleRateHz } = readWav(await readFile(join(root, "models/questions", `${name}.wav`)));
  using resampler = await createResampler({ fromHz: sampleRateHz, toHz: 24_000 });
  const parts = [resampler.push(samples), resampler.flush()];
  return Buffer.concat(parts.map((part) => pcm16ToBytes(floatToPcm16(part))));
}

type Of<T extends RealtimeServerEvent["type"]> = Extract<RealtimeServerEvent, { type: T }>;

const chunkMs = 20;
const chunkBytes = 24 * chunkMs * 2;

/** A person with OpenAI's client: an open microphone, and everything that was heard back. */
class SdkPerson implements Disposable {
  readonly events: RealtimeServerEvent[] = [];
  readonly errors: unknown[] = [];
  readonly #realtime: OpenAIRealtimeWS;
  readonly #timer: NodeJS.Timeout;
  readonly #startMs = performance.now();
  #sent = 0;
  #saying: Uint8Array = new Uint8Array();

  constructor(realtime: OpenAIRealtimeWS) {
    this.#realtime = realtime;
    realtime.on("event", (event) => this.events.push(event));
    realtime.on("error", (error) => this.errors.push(error));
    this.#timer = setInterval(() => this.#speak(), chunkMs / 2);
  }

  say(pcm: Uint8Array): void {
    this.#saying = Buffer.concat([this.#saying, pcm]);
  }

  all<T extends RealtimeServerEvent["type"]>(type: T): Of<T>[] {
    return this.events.filter((event): event is Of<T> => event.type === type);
  }

  /** Sound of a response, in bytes. */
  sound(response: string): Buffer {
    return Buffer.concat(
      this.all("response.output_audio.delta").flatMap((delta) =>
        delta.response_id === response ? [Buffer.from(delta.delta, "base64")] : [],
      ),
    );
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#realtime.close();
  }

  #speak(): void {
    const due = (performance.now() - this.#startMs) / chunkMs;
    for (; this.#sent < due; this.#sent++) {
      const chunk = Buffer.alloc(chunkBytes);
      chunk.set(this.#saying.subarray(0, chunkBytes));
      this.#saying = this.#saying.subarray(chunkBytes);
      this.#realtime.send({ type: "input_audio_buffer.append", audio: chunk.toString("base64") });
    }
  }
}

async function connect(): Promise<SdkPerson> {
  const client = new OpenAI({ apiKey: "none", baseURL: `${server.url}/v1` });
  const realtime = new OpenAIRealtimeWS({ model: "gpt-realtime", options: { ca: tls.cert } }, client);
  const opened = Promise.withResolvers<void>();
  realtime.socket.on("open", () => opened.resolve());
  realtime.socket.on("error", opened.reject);
  await opened.promise;
  const person = new SdkPerson(realtime);
  onTestFinished(() => person[Symbol.dispose]());
  realtime.send({
    type: "session.update",
    session: { type: "realtime", audio: { input: { transcription: { model: "whisper-1", language: "en" } } } },
  });
  await waitFor(() => person.all("session.updated").length === 1);
  return person;
}

const waitFor = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 40_000, interval: 10 });
const sunday = /sunday/i;

describe("OpenAI's client for JavaScript", () => {
  it("holds a spoken conversation, interrupts it once and goes on", async () => {
    const person = await connect();
    person.say(questions.get("hours") as Uint8Array);
    await waitFor(() => person.all("response.output_audio.delta").length > 25);
    const first = person.all("response.created")[0]?.response.id as string;
    person.say(questions.get("children") as Uint8Array);
    await waitFor(() => person.all("response.done").some(({ response }) => response.status === "completed"));
    expect(person.errors).toEqual([]);
    const transcripts = person.all("conversation.item.input_audio_transcription.completed").map(({ transcript }) => transcript);
    expect(transcripts[0]).toMatch(sunday);
    expect(transcripts.at(-1)).toMatch(/children/i);
    const cut = person.all("response.done").find(({ response }) => response.id === first)?.response;
    expect(cut).toMatchObject({ status: "cancelled", status_details: { reason: "turn_detected" } });
    const whole = person.all("response.done").find(({ response }) => response.status === "completed")?.response;
    expect(whole?.output?.[0]).toMatchObject({ content: [{ transcript: expect.stringMatching(/euros/) }] });
    const soundBytes = person.sound(whole?.id ?? "").byteLength;
    expect(soundBytes / 48_000).toBeGreaterThan(1.5);
    expect(soundBytes / 2400).toBeCloseTo(whole?.usage?.output_token_details?.audio_tokens ?? 0, -0.5);

    // What came back as sound says the words that came with it: another listener hears them.
    const listener = await connect();
    listener.say(person.sound(whole?.id ?? ""));
    await waitFor(() => listener.all("conversation.item.input_audio_transcription.completed").length > 0);
    expect(listener.all("conversation.item.input_audio_transcription.completed")[0]?.transcript).toMatch(/euro|year|six|free/i);
  });
});

describe("OpenAI's client for Python", () => {
  it("holds the same conversation, and finds every event as its own types say", async () => {
    const script = join(root, "services/troupe/testing/openai_conversation.py");
    const address = server.url.replace(/^http/, "ws");
    const { stdout } = await promisify(execFile)(
      "python3",
      [script, `${address}/v1`, join(folder, "hours.pcm"), join(folder, "children.pcm")],
      {
        env: { ...process.env, PYTHONPATH: join(root, ".tools/py-live"), SSL_CERT_FILE: tls.certFile },
        timeout: 80_000,
        maxBuffer: 16 * 1024 * 1024,
      },
    );
    const got = JSON.parse(stdout);
    expect(got.invalid).toEqual([]);
    expect(got.errors).toEqual([]);
    expect(got.transcripts[0]).toMatch(sunday);
    expect(got.transcripts.at(-1)).toMatch(/children/i);
    expect(got.responses[0]).toMatchObject({ status: "cancelled", status_details: { reason: "turn_detected" } });
    const whole = got.responses.at(-1);
    expect(whole).toMatchObject({ status: "completed", output: [{ content: [{ transcript: expect.stringMatching(/euros/) }] }] });
    expect(got.seconds[whole.id]).toBeGreaterThan(1.5);
  });
});
