import { createPrivateKey } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { readManifestBytes } from "./read-manifest.ts";
import { publicKeyLine, signBytes } from "./signature.ts";

/**
 * Writes manifest.sig beside a manifest: an Ed25519 signature over its bytes, which name every file by sha256.
 * @param keyPath a private key, PEM (`openssl genpkey -algorithm ed25519`)
 * @returns the public key as it stands in a policy
 * @throws ServiceError INVALID_CONFIG when there is no such key, MODEL_UNKNOWN
 */
export async function signManifest(manifestDir: string, id: string, keyPath: string): Promise<string> {
  const { bytes } = await readManifestBytes(manifestDir, id);
  const privateKey = await readFile(keyPath)
    .then((pem) => createPrivateKey(pem))
    .catch((error: unknown) => {
      throw new ServiceError("INVALID_CONFIG", `${keyPath} holds no private key: ${String(error)}`, { cause: error });
    });
  await writeFile(join(manifestDir, id, "manifest.sig"), `${signBytes(bytes, privateKey)}\n`);
  return publicKeyLine(privateKey);
}
