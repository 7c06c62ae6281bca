import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parseAvatar } from "./avatar-asset.ts";
import { trustedAvatar } from "./trusted-avatar.ts";

describe("an avatar that was checked before", () => {
  it("is the same as one that is checked now", async () => {
    const text = await readFile(new URL("../../../models/avatars/mara/avatar.json", import.meta.url), "utf8");
    expect(trustedAvatar(text)).toEqual(parseAvatar(text));
  });

  it.each(["not JSON", "null", '{"format":"other/2"}'])("is refused where it is no avatar: %s", (text) => {
    expect(() => trustedAvatar(text)).toThrow(expect.objectContaining({ reason: "ASSET_INVALID" }));
  });
});
