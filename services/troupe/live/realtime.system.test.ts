import { fromBinary } from "@bufbuild/protobuf";
import { AvPacketSchema } from "@troupe/contracts";
import type { LiveServer } from "@troupe/gateway";
import { createLogger } from "@troupe/service";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { RealtimeCaller } from "../testing/realtime-caller.ts";

let platform: Embedded;
let server: LiveServer;
beforeAll(async () => {
  platform = await startEmbedded({
    env: { ...process.env, TROUPE_RESUME_WINDOW_SECONDS: "2", TROUPE_HTTP_PORT: "0" },
    logger: createLogger("test", "error"),
    backends: { asr: "stub", llm: "stub", tts: "stub", face: "stub" },
  });
  server = await platform.serveLive();
});
afterAll(() => platform[Symbol.asyncDispose]());

const call = (query = "") => RealtimeCaller.open(`${server.url}/v1/realtime${query}`);

describe("a client of ours", () => {
  it("gets the tracks and the picture and sound of a line as packets", async () => {
    const caller = await call();
    caller.send({
      type: "session.update",
      session: { type: "realtime", troupe: { media: "binary", output: { width: 128, height: 128 } } },
    });
    const started = await caller.next("troupe.session.started");
    expect(started).toMatchObject({ avatar: "mara", resumed: false, output: { width: 128, height: 128 } });
    await caller.next("session.updated");
    caller.send({ type: "troupe.say", text: "Hello there.", language: "en" });
    const done = await caller.next("response.done");
    expect(done["response"]).toMatchObject({ status: "completed", output: [{ content: [{ transcript: "Hello there." }] }] });
    const cases = caller.packets.map((bytes) => fromBinary(AvPacketSchema, bytes).body.case);
    expect(cases.filter((kind) => kind === "header").length).toBeGreaterThanOrEqual(2);
    expect(cases.filter((kind) => kind === "unit").length).toBeGreaterThan(20);
  });
});
