import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { store } from "./caption-fonts.testing.ts";
import { registerWideFont } from "./caption-fonts.ts";

it("a missing font is told, and no failure", async () => {
  const cacheDir = await mkdtemp(join(tmpdir(), "no-fonts-"));
  onTestFinished(() => rm(cacheDir, { recursive: true }));
  const told: string[] = [];
  const logger = { info: (_: object, text: string) => told.push(text) };
  await registerWideFont(store(cacheDir), "default-caption-font-zh", logger as never);
  expect(told).toEqual([expect.stringContaining("troupe models pull --pack zh")]);
});

it("an empty name asks for no font", async () => {
  await registerWideFont(store("/nowhere"), "", undefined as never);
});

it("Chinese captions have characters of their own once the font is there", async () => {
  // Fonts are the process's own, and other tests of it may have registered this one.
  const program = `
    import { captionOf, hasWideFont, register } from ${JSON.stringify(import.meta.resolve("./caption-fonts.testing.ts"))};
    const before = hasWideFont();
    await register();
    console.log(JSON.stringify({ before, after: hasWideFont(), distinct: captionOf("博物馆") !== captionOf("开门时") }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
  expect(JSON.parse(stdout)).toEqual({ before: false, after: true, distinct: true });
});
