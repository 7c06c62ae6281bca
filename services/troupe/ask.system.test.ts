import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { readWav } from "@troupe/audio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "./places.ts";

/** Budget: 120 s; each run of the program loads the real models. */
const run = promisify(execFile);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "troupe-ask-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs `troupe ask`; the exit code and what it printed. */
async function ask(...args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  const argv = ["services/troupe/main.ts", "ask", ...args, "--out", join(folder, "answer.mp4")];
  return await run(process.execPath, argv, { cwd: root }).then(
    ({ stdout, stderr }) => ({ code: 0, text: stdout + stderr }),
    (failure: { code: number; stdout: string; stderr: string }) => ({ code: failure.code, text: failure.stdout + failure.stderr }),
  );
}

const facts = async () => JSON.parse(await readFile(join(folder, "answer.json"), "utf8")) as Record<string, unknown>;

describe("troupe ask", () => {
  it("answers a recorded question with a video and its facts, in real time", async () => {
    const { code, text } = await ask("models/questions/hours.wav");
    expect({ code, text: code === 0 ? "" : text }).toEqual({ code: 0, text: "" });
    expect(await facts()).toMatchObject({
      question: "models/questions/hours.wav",
      transcript: "What are the opening hours of the museum on Sunday?",
      language: "en",
      answer: expect.stringMatching(/Sunday.*10.*5/),
      citations: [expect.objectContaining({ document: "opening-hours" })],
      abstained: false,
      feed: "realtime",
      stagesMs: {
        asr: expect.any(Number),
        llm: expect.any(Number),
        tts: expect.any(Number),
        face: expect.any(Number),
        compositor: expect.any(Number),
      },
      firstSoundMs: expect.any(Number),
      firstFrameMs: expect.any(Number),
      realTimeFactor: expect.any(Number),
      video: { width: 512, height: 512, fps: 25, frames: expect.any(Number), codec: expect.stringMatching(/^avc1/) },
      audio: { codec: "mp4a.40.2", sampleRateHz: 24_000 },
    });
  });

  it("hears that a question is in Mandarin, and answers in Mandarin", async () => {
    const { code, text } = await ask("models/questions/zh-hours.wav");
    expect({ code, text: code === 0 ? "" : text }).toEqual({ code: 0, text: "" });
    expect(await facts()).toMatchObject({
      transcript: expect.stringMatching(/博物馆星期天几点开门/),
      language: "zh",
      answer: expect.stringMatching(/周日.*10点.*5点/),
      citations: [expect.objectContaining({ document: "opening-hours-zh" })],
      abstained: false,
    });
  });

  it("answers typed text, stereo at 44.1 kHz and A-law at 8 kHz, as fast as possible", async () => {
    const wav = readWav(await readFile(join(root, "models/questions/children.wav")));
    await writeFile(join(folder, "stereo.wav"), stereo44k(wav.samples, wav.sampleRateHz));
    await writeFile(join(folder, "alaw.wav"), alaw8k(wav.samples));
    const { code, text } = await ask(
      "Where can I leave my bicycle?",
      join(folder, "stereo.wav"),
      join(folder, "alaw.wav"),
      "--asap",
      "--size",
      "256x256",
    );
    expect({ code, text: code === 0 ? "" : text }).toEqual({ code: 0, text: "" });
    const { turns, firstSoundMs, feed } = (await facts()) as { turns: { answer: string }[]; firstSoundMs: unknown; feed: string };
    expect(turns.map((turn) => turn.answer)).toEqual([
      expect.stringMatching(/bicycle|bike/i),
      expect.stringContaining("5 euros"),
      expect.stringContaining("5 euros"),
    ]);
    expect({ firstSoundMs, feed }).toEqual({ firstSoundMs: null, feed: "asap" });
  });

  it.each([
    ["an empty file", Buffer.alloc(0), "AUDIO_EMPTY"],
    ["a file that is no wav", Buffer.from("hello, this is no sound at all, just some text in a file"), "AUDIO_FORMAT"],
    ["thirty minutes", silence(30 * 60), "AUDIO_TOO_LONG"],
    ["a file that was cut off", silence(2).subarray(0, 2000), "AUDIO_TRUNCATED"],
    ["a wav without samples", silence(0), "AUDIO_EMPTY"],
  ])("refuses %s with a clear error", async (_, bytes, reason) => {
    await writeFile(join(folder, "bad.wav"), bytes);
    const { code, text } = await ask(join(folder, "bad.wav"));
    expect(code).toBe(1);
    expect(text).toContain(`${reason}:`);
    expect(text).not.toContain("    at ");
  });

  it("says that nothing was said when a recording holds only silence", async () => {
    await writeFile(join(folder, "silence.wav"), silence(2));
    const { code, text } = await ask(join(folder, "silence.wav"), "--asap");
    expect(code).toBe(1);
    expect(text).toContain("NO_SPEECH");
  });

  it("names an unknown avatar and an unknown file", async () => {
    expect((await ask("hello", "--avatar", "nobody")).text).toContain("AVATAR_UNKNOWN");
    expect((await ask("nowhere.wav")).text).toContain("there is no file nowhere.wav");
  });
});

function header(format: number, channels: number, rateHz: number, bits: number, sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(44);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(36 + sizeBytes, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(format, 20);
  bytes.writeUInt16LE(channels, 22);
  bytes.writeUInt32LE(rateHz, 24);
  bytes.writeUInt32LE((rateHz * channels * bits) / 8, 28);
  bytes.writeUInt16LE((channels * bits) / 8, 32);
  bytes.writeUInt16LE(bits, 34);
  bytes.write("data", 36);
  bytes.writeUInt32LE(sizeBytes, 40);
  return bytes;
}

function silence(seconds: number): Buffer {
  const sizeBytes = seconds * 16_000 * 2;
  return Buffer.concat([header(1, 1, 16_000, 16, sizeBytes), Buffer.alloc(sizeBytes)]);
}

/** Linear interpolation is enough here: what is tested is reading, not the quality of this converter. */
function at(samples: Float32Array, position: number): number {
  const index = Math.floor(position);
  const [a = 0, b = 0] = [samples[index], samples[index + 1]];
  return a + (b - a) * (position - index);
}

function stereo44k(samples: Float32Array, rateHz: number): Buffer {
  const count = Math.floor((samples.length * 44_100) / rateHz);
  const data = Buffer.alloc(count * 4);
  for (let index = 0; index < count; index++) {
    const value = Math.round(at(samples, (index * rateHz) / 44_100) * 32_000);
    data.writeInt16LE(value, index * 4);
    data.writeInt16LE(value, index * 4 + 2);
  }
  return Buffer.concat([header(1, 2, 44_100, 16, data.length), data]);
}

/** 16 kHz to 8 kHz by the mean of two, then G.711 A-law. */
function alaw8k(samples: Float32Array): Buffer {
  const data = Buffer.alloc(samples.length >> 1);
  for (let index = 0; index < data.length; index++) data[index] = alaw(((samples[2 * index] ?? 0) + (samples[2 * index + 1] ?? 0)) / 2);
  return Buffer.concat([header(6, 1, 8_000, 8, data.length), data]);
}

function alaw(value: number): number {
  const magnitude = Math.min(4095, Math.abs(Math.round(value * 4096)));
  const exponent = magnitude < 32 ? 0 : Math.floor(Math.log2(magnitude)) - 4;
  const mantissa = exponent === 0 ? magnitude >> 1 : (magnitude >> exponent) & 0x0f;
  return ((value >= 0 ? 0x80 : 0) | (exponent << 4) | (mantissa & 0x0f)) ^ 0x55;
}
