import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { connectNats } from "@troupe/bus";
import { createGrants } from "@troupe/session";
import { createStageMetrics, serveStage } from "@troupe/stage";
import { startNatsServer } from "@troupe/testkit";
import { systemClock } from "@troupe/timeline";
import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../places.ts";

// Budget: 15 s; two looks of 1.5 s.
const stack = new AsyncDisposableStack();
const logger = { debug() {}, info() {}, warn() {}, error() {} };
let url: string;

beforeAll(async () => {
  const nats = stack.use(await startNatsServer());
  url = nats.url;
  const bus = await connectNats({ servers: url, name: "replica" });
  stack.defer(() => bus.drain());
  const deps = {
    bus,
    controlBus: bus,
    stage: {
      name: "llm" as const,
      open: () => ({ onStream() {}, idle: async () => undefined, suspend() {}, close: async () => undefined }),
    },
    grants: createGrants(new Uint8Array(32).fill(7)),
    clock: systemClock,
    logger,
    metrics: createStageMetrics(new Registry()),
  };
  stack.use(
    serveStage(deps, {
      site: "local",
      replica: "llm-en-x7k2p",
      models: ["grounded"],
      languages: [],
      maxSessions: 8,
      address: "",
      pool: "llm-en",
    }),
  );
});
afterAll(() => stack.disposeAsync());

const top = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(root, "services/troupe/main.ts"), "top", "--nats", url, ...args]).then(
    ({ stdout }) => stdout,
  );

describe("troupe top", () => {
  it("shows each replica with its pool, seats and models", async () => {
    expect(await top("--once")).toMatch(/^llm +llm-en +llm-en-x7k2p +admits +0 +8 +grounded$/m);
    expect(JSON.parse(await top("--json"))).toMatchObject({
      site: "local",
      replicas: [{ replica: "llm-en-x7k2p", headroom: 8 }],
      demand: [],
    });
  });

  it("says what to look at where nobody announces himself", async () => {
    expect(await top("--once", "--site", "elsewhere")).toContain("nobody announces itself at site elsewhere");
  });
});
