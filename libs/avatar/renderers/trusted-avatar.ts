import { ServiceError } from "@troupe/errors";
import type { AvatarAsset } from "./avatar-asset.ts";

const format = "troupe-avatar/1";

/**
 * An avatar that has been checked where it comes from, as a server has with `parseAvatar`: browsers need not load the checks.
 * @param text JSON
 * @throws ServiceError ASSET_INVALID where it is none of this format
 */
export function trustedAvatar(text: string): AvatarAsset {
  let asset: Partial<AvatarAsset>;
  try {
    asset = JSON.parse(text);
  } catch (cause) {
    throw new ServiceError("ASSET_INVALID", "avatar asset: is not JSON", { cause });
  }
  if (asset?.format !== format) throw new ServiceError("ASSET_INVALID", `avatar asset: is not of the format ${format}`);
  return asset as AvatarAsset;
}
