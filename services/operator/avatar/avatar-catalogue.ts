import { stat } from "node:fs/promises";
import { join } from "node:path";

/** The avatar assets that this release ships. */
export interface AvatarCatalogue {
  has(bundle: string): Promise<boolean>;
}

const bundlePattern = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/** @param folder holds a folder for each avatar, with its avatar.json */
export function createAvatarCatalogue(folder: string): AvatarCatalogue {
  return {
    has: async (bundle) =>
      bundlePattern.test(bundle) &&
      (await stat(join(folder, bundle, "avatar.json")).then(
        (file) => file.isFile(),
        () => false,
      )),
  };
}
