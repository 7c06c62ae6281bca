import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type AvatarAsset, avatarLimits, parseAvatar } from "@troupe/avatar";
import { ServiceError } from "@troupe/errors";

/**
 * Loads `<directory>/<name>/avatar.json`. Throws AVATAR_UNKNOWN where there is no such avatar, ASSET_INVALID where it does not
 * fit the schema.
 */
export async function loadAvatar(directory: string, name: string, signal?: AbortSignal): Promise<AvatarAsset> {
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(name)) throw unknownAvatar(name);
  const file = join(directory, name, "avatar.json");
  const text = await readBounded(file, name, signal);
  const asset = parseAvatar(text);
  if (asset.name !== name) {
    throw new ServiceError("ASSET_INVALID", `avatar asset: name: is "${asset.name}" in the folder "${name}"`, {
      metadata: { field: "name" },
    });
  }
  return asset;
}

async function readBounded(file: string, name: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > avatarLimits.textBytes) {
      throw new ServiceError("ASSET_INVALID", `avatar asset: (file): larger than ${avatarLimits.textBytes} bytes`, {
        metadata: { field: "(file)" },
      });
    }
    return await readFile(file, { encoding: "utf8", signal });
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && (thrown.code === "ENOENT" || thrown.code === "ENOTDIR"))
      throw unknownAvatar(name, thrown);
    throw ServiceError.from(thrown);
  }
}

function unknownAvatar(name: string, cause?: unknown): ServiceError {
  return new ServiceError("AVATAR_UNKNOWN", `no avatar "${name.slice(0, 63)}"`, { metadata: { avatar: name.slice(0, 63) }, cause });
}
