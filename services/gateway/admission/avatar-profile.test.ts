import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadAvatarProfile } from "./avatar-profile.ts";

describe("an avatar's profile", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "avatars-"));
    const files = {
      plain: '{"name":"Plain"}',
      broken: "{",
      nameless: '{"persona":"x"}',
      voiced: '{"name":"V","voices":{"en":"heart"},"layers":[]}',
    };
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(folder, "avatars", name), { recursive: true });
      await writeFile(join(folder, "avatars", name, "avatar.json"), text);
    }
    await writeFile(join(folder, "avatar.json"), '{"name":"outside"}');
  });
  afterAll(() => rm(folder, { recursive: true }));
  const load = (name: string) => loadAvatarProfile(join(folder, "avatars"), name);

  it("is read with its voices, and with defaults for what it leaves out", async () => {
    expect(await load("voiced")).toEqual({ name: "V", persona: "", voices: { en: "heart" } });
    expect(await load("plain")).toEqual({ name: "Plain", persona: "", voices: {} });
  });

  it.each(["mara", "pico"])("of the shipped %s is valid", async (name) => {
    const profile = await loadAvatarProfile(fileURLToPath(new URL("../../../models/avatars", import.meta.url)), name);
    expect(profile.voices["en"]).toBeTruthy();
  });

  it.each([
    "",
    "..",
    ".",
    "../avatars/plain",
    "../../etc",
    "..%2f",
    "/etc",
    "plain/",
    "plain\0",
    "Plain",
    "pla in",
    "-x",
    "ä",
    "plain\n",
    "a".repeat(64),
    "nobody",
    "__proto__",
  ])("is not looked for under the name %j", async (name) => {
    await expect(load(name)).rejects.toMatchObject({ reason: "AVATAR_UNKNOWN" });
  });

  it("names no more of a hostile name than a line holds", async () => {
    const error = (await load("x/".repeat(5000)).catch((thrown: unknown) => thrown)) as Error;
    expect(error.message.length).toBeLessThan(120);
  });

  it.each(["broken", "nameless"])("that is %s is refused", async (name) => {
    await expect(load(name)).rejects.toMatchObject({ reason: "ASSET_INVALID" });
  });
});
