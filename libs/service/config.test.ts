import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { readConfig } from "./index.ts";

const schema = z.object({ site: z.string().default("local"), maxSessions: z.coerce.number().int().default(16) });
const folder = mkdtempSync(join(tmpdir(), "troupe-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

function configFile(text: string): string {
  const path = join(folder, `${crypto.randomUUID()}.json`);
  writeFileSync(path, text);
  return path;
}

describe("the configuration", () => {
  it("is read from the environment over the file over the defaults", () => {
    const TROUPE_CONFIG = configFile('{"site": "lab", "maxSessions": 2}');
    expect(readConfig(schema, {})).toEqual({ site: "local", maxSessions: 16 });
    expect(readConfig(schema, { TROUPE_CONFIG, TROUPE_MAX_SESSIONS: "3" })).toEqual({ site: "lab", maxSessions: 3 });
  });

  it("names every bad setting", () => {
    const env = { TROUPE_CONFIG: configFile('{"site": 1}'), TROUPE_MAX_SESSIONS: "many" };
    expect(() => readConfig(schema, env)).toThrow(/site: .*; maxSessions: /);
  });

  it.each([
    ["is missing", join(folder, "nowhere.json")],
    ["is no JSON", configFile("{")],
    ["is no object", configFile("null")],
  ])("names its file when that %s", (_, path) => {
    const message = expect.stringContaining(path);
    expect(() => readConfig(schema, { TROUPE_CONFIG: path })).toThrow(expect.objectContaining({ reason: "INVALID_CONFIG", message }));
  });
});
