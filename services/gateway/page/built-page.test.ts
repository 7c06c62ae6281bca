import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../http/live.testing.ts";
import { loadPage, writePage } from "./built-page.ts";

describe("the page of an image", () => {
  it("is what was bundled when the image was built, byte by byte", async () => {
    const file = join(await temporaryFolder(), "page.json");
    const bundled = await loadPage(file);
    expect(bundled.html).toMatch(/\/assets\/page-[0-9a-f]{16}\.js/);
    await writePage(bundled, file);
    expect(await loadPage(file)).toEqual(bundled);
    await writePage({ ...bundled, html: "<p>built earlier</p>" }, file);
    expect((await loadPage(file)).html).toBe("<p>built earlier</p>");
  });
});
