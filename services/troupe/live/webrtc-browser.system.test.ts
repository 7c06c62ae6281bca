import { join } from "node:path";
import { createLogger } from "@troupe/service";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { ask } from "../ask/ask.ts";
import { readQuestion } from "../ask/question.ts";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { root } from "../places.ts";
import { launchChromium, movement } from "./page/call-page.ts";

/** Budget: 90 s; real models, and Chromium's own WebRTC in real time. */
let platform: Embedded;
let browser: Browser;
let url: string;
beforeAll(async () => {
  platform = await startEmbedded({ env: process.env, logger: createLogger("test", "error") });
  ({ url } = await platform.serveLive());
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await platform?.[Symbol.asyncDispose]();
});

interface Talk {
  /** Sends samples of 16 kHz as the microphone's. */
  speak(samples: readonly number[]): void;
  /** What was heard so far, 16 kHz PCM16. */
  heard(): number[];
  readonly session: string;
  readonly connectedMs: number;
  /** @returns statuses of the DELETEs */
  hangUp(): Promise<readonly number[]>;
}

/** Runs in the page: what a web page does that knows WebRTC and HTTP, and nothing of ours. */
async function talk(order: readonly (readonly string[])[]): Promise<void> {
  const context = new AudioContext({ sampleRate: 16_000 });
  const microphone = context.createMediaStreamDestination();
  const recorder = context.createScriptProcessor(4096, 1, 1);
  const blocks: number[] = [];
  recorder.onaudioprocess = ({ inputBuffer }) => {
    for (const sample of inputBuffer.getChannelData(0)) blocks.push(Math.round(Math.max(-1, Math.min(1, sample)) * 32_767));
  };
  recorder.connect(context.destination);
  const video = document.createElement("video");
  video.id = "webrtc";
  video.autoplay = true;
  video.muted = true;
  document.body.prepend(video);
  const locations: string[] = [];
  let session = "";
  let connectedMs = Number.NaN;

  async function connect(endpoint: string, query: string, tracks: readonly string[]): Promise<void> {
    const peer = new RTCPeerConnection();
    for (const track of tracks) {
      const [kind, direction] = track.split(":") as ["audio" | "video", RTCRtpTransceiverDirection];
      if (direction === "recvonly") peer.addTransceiver(kind, { direction });
      else peer.addTransceiver(microphone.stream.getAudioTracks()[0] as MediaStreamTrack, { direction, streams: [microphone.stream] });
    }
    peer.addEventListener("track", ({ track, streams }) => {
      video.srcObject ??= streams[0] ?? null;
      if (track.kind === "audio") context.createMediaStreamSource(new MediaStream([track])).connect(recorder);
    });
    await peer.setLocalDescription();
    while (peer.iceGatheringState !== "complete")
      await new Promise((resolve) => peer.addEventListener("icegatheringstatechange", resolve, { once: true }));
    const beganMs = performance.now();
    const posted = `${endpoint}?${session === "" ? query : `session=${session}`}`;
    const answer = await fetch(posted, {
      method: "POST",
      headers: { "content-type": "application/sdp" },
      body: peer.localDescription?.sdp ?? "",
    });
    if (answer.status !== 201) throw new Error(`${posted}: ${answer.status} ${await answer.text()}`);
    session = answer.headers.get("troupe-session") ?? "";
    locations.push(answer.headers.get("location") ?? "");
    await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
    while (peer.connectionState !== "connected")
      await new Promise((resolve) => peer.addEventListener("connectionstatechange", resolve, { once: true }));
    connectedMs = performance.now() - beganMs;
  }

  for (const [endpoint = "", query = "", ...tracks] of order) await connect(endpoint, query, tracks);
  const tools: Talk = {
    session,
    connectedMs,
    speak(samples) {
      const buffer = context.createBuffer(1, samples.length, 16_000);
      buffer.copyToChannel(Float32Array.from(samples), 0);
      const source = context.createBufferSource();
      source.buffer = buffer;
      source.connect(microphone);
      source.start();
    },
    heard: () => blocks,
    hangUp: () => Promise.all(locations.map(async (location) => (await fetch(location, { method: "DELETE" })).status)),
  };
  Object.assign(window, { talk: tools });
}

declare const window: Window & { readonly talk: Talk };

/** What our own recogniser makes of what the browser heard. */
async function recognised(page: Page): Promise<string> {
  const heard = await page.evaluate(() => window.talk.heard());
  const samples = Float32Array.from(heard, (sample) => sample / 32_768);
  const options = {
    tenant: "demo",
    avatar: "mara",
    language: "en",
    asap: true,
    width: 128,
    height: 128,
    framesPerSecond: 25,
    captions: false,
  };
  const { turns } = await ask(platform.converse, [{ kind: "audio", name: "heard", samples }], options);
  return turns.map((turn) => turn.transcript).join(" ");
}

/** Until it has been loud, and then silent for 1.5 s. */
async function untilSaid(page: Page): Promise<void> {
  await page.waitForFunction(
    () => {
      const heard = window.talk.heard();
      const loud = (from: number, to?: number) => heard.slice(from, to).some((sample) => Math.abs(sample) > 1000);
      return heard.length > 24_000 && loud(0, -24_000) && !loud(-24_000);
    },
    undefined,
    { timeout: 40_000, polling: 200 },
  );
}

const greeting = "Welcome to the museum. What would you like to know?";
const query = `language=en&width=256&height=256&captions=false&greeting=${encodeURIComponent(greeting)}`;

it.each([
  [
    "whip, then whep",
    [
      ["/v1/whip", query, "audio:sendonly"],
      ["/v1/whep", query, "video:recvonly", "audio:recvonly"],
    ],
  ],
  ["one offer", [["/v1/webrtc", query, "audio:sendrecv", "video:recvonly"]]],
] as const)("Chromium talks with the avatar over its own WebRTC (%s)", async (_, order) => {
  const page = await (await browser.newContext()).newPage();
  onTestFinished(() => page.context().close());
  await page.goto(url);
  await page.evaluate(talk, order);
  await untilSaid(page);
  // The greeting is heard from its first word on.
  expect(await recognised(page)).toMatch(/welcome.*museum.*know/is);
  const asked = await readQuestion(join(root, "models/questions/hours.wav"));
  if (asked.kind !== "audio") throw new Error("the question is no sound");
  await page.evaluate(
    (samples) => {
      window.talk.heard().length = 0;
      window.talk.speak(samples);
    },
    [...asked.samples],
  );
  await page.waitForFunction(() => window.talk.heard().some((sample) => Math.abs(sample) > 3000), undefined, { timeout: 40_000 });
  // A busy machine shows the same picture for a while.
  await expect.poll(() => movement(page, "#webrtc", 60), { timeout: 20_000 }).toBeGreaterThan(0.001);
  await untilSaid(page);
  expect(await recognised(page)).toMatch(/sunday/i);
  const picture = await page.evaluate(() => {
    const video = document.getElementById("webrtc") as HTMLVideoElement;
    const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
    return { width: video.videoWidth, height: video.videoHeight, totalVideoFrames, droppedVideoFrames };
  });
  expect(picture).toMatchObject({ width: 256, height: 256 });
  expect(picture.totalVideoFrames).toBeGreaterThan(100);
  const { session, connectedMs } = await page.evaluate(() => ({ session: window.talk.session, connectedMs: window.talk.connectedMs }));
  expect(platform.gateway.list("demo").map(({ id }) => id)).toContain(session);
  expect(await page.evaluate(() => window.talk.hangUp())).toEqual(order.map(() => 200));
  await expect.poll(() => platform.gateway.list("demo").map(({ id }) => id)).not.toContain(session);
  process.stderr.write(`chromium: connected ${connectedMs.toFixed(0)} ms after the POST, ${JSON.stringify(picture)}\n`);
});
