import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadAvatar } from "./load-avatar.ts";

const avatars = fileURLToPath(new URL("../../../models/avatars", import.meta.url));

describe("loadAvatar", () => {
  it.each(["nobody", "../mara", ""])("knows no avatar %j", async (name) => {
    await expect(loadAvatar(avatars, name)).rejects.toMatchObject({ reason: "AVATAR_UNKNOWN" });
  });
});
