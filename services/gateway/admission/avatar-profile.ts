import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { z } from "zod";

/** What the gateway needs to know of an avatar; the picture is the presenter's business. */
export interface AvatarProfile {
  readonly name: string;
  readonly persona: string;
  /** Voice by BCP-47 language. */
  readonly voices: Readonly<Record<string, string>>;
}

const profile = z.object({ name: z.string(), persona: z.string().default(""), voices: z.record(z.string(), z.string()).default({}) });

/** Reads `<directory>/<name>/avatar.json`. @throws ServiceError AVATAR_UNKNOWN, ASSET_INVALID */
export async function loadAvatarProfile(directory: string, name: string): Promise<AvatarProfile> {
  const unknown = () =>
    new ServiceError("AVATAR_UNKNOWN", `there is no avatar "${name.slice(0, 64)}"`, { metadata: { avatar: name.slice(0, 64) } });
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(name)) throw unknown();
  const text = await readFile(join(directory, name, "avatar.json"), "utf8").catch(() => {
    throw unknown();
  });
  const result = profile.safeParse(parse(text));
  if (!result.success) throw new ServiceError("ASSET_INVALID", `avatar "${name}" has no valid profile`);
  return result.data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
