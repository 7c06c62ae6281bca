import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { ServiceError } from "@troupe/errors";

/** Whether one of the public keys signed these bytes (Ed25519, RFC 8032). @throws ServiceError INVALID_CONFIG for a key that is none */
export function isSignedBy(bytes: Uint8Array, signature: string, publicKeys: readonly string[]): boolean {
  const decoded = Buffer.from(signature.trim(), "base64");
  return publicKeys.map(readPublicKey).some((key) => verify(null, bytes, key, decoded));
}

/** A detached signature, base64. @throws ServiceError INVALID_CONFIG when the key is not Ed25519 */
export function signBytes(bytes: Uint8Array, privateKey: KeyObject): string {
  if (privateKey.asymmetricKeyType !== "ed25519") throw new ServiceError("INVALID_CONFIG", "the key is not an Ed25519 key");
  return sign(null, bytes, privateKey).toString("base64");
}

/** The public half as it stands in a policy: one line. */
export function publicKeyLine(privateKey: KeyObject): string {
  return createPublicKey(privateKey).export({ format: "der", type: "spki" }).toString("base64");
}

function readPublicKey(text: string): KeyObject {
  try {
    const pem = text.includes("BEGIN");
    const key = pem ? createPublicKey(text) : createPublicKey({ key: Buffer.from(text, "base64"), format: "der", type: "spki" });
    if (key.asymmetricKeyType !== "ed25519") throw new Error(`a key of the type ${key.asymmetricKeyType}`);
    return key;
  } catch (error) {
    throw new ServiceError("INVALID_CONFIG", `policy: requireSignature holds no Ed25519 public key: ${String(error)}`, { cause: error });
  }
}
