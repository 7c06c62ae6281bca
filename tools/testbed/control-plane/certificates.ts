import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { execute } from "../processes/execute.ts";

export interface CertificateRequest {
  /** Names the files `<name>.crt` and `<name>.key`. */
  readonly name: string;
  /** Such as `/O=system:masters/CN=admin`; the API server takes the user from CN and the groups from O. */
  readonly subject: string;
  /** X.509 v3 extensions in OpenSSL's form. */
  readonly extensions: readonly string[];
}

/** Makes `ca.crt` and `ca.key`, and `sa.key` and `sa.pub` that sign service account tokens. */
export async function createAuthority(folder: string, signal: AbortSignal): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await writeFile(join(folder, "sa.key"), privateKey.export({ type: "sec1", format: "pem" }), { mode: 0o600 });
  await writeFile(join(folder, "sa.pub"), publicKey.export({ type: "spki", format: "pem" }));
  await openssl(["-subj", "/CN=testbed-ca", ...keyAndCertificate(folder, "ca")], signal);
}

/** @throws ServiceError TOOL_MISSING without OpenSSL 3 */
export async function createCertificate(folder: string, request: CertificateRequest, signal: AbortSignal): Promise<void> {
  const authority = ["-CA", join(folder, "ca.crt"), "-CAkey", join(folder, "ca.key")];
  const extensions = ["basicConstraints=critical,CA:FALSE", ...request.extensions].flatMap((line) => ["-addext", line]);
  await openssl(["-subj", request.subject, ...authority, ...extensions, ...keyAndCertificate(folder, request.name)], signal);
}

function keyAndCertificate(folder: string, name: string): string[] {
  return ["-keyout", join(folder, `${name}.key`), "-out", join(folder, `${name}.crt`)];
}

async function openssl(args: readonly string[], signal: AbortSignal): Promise<void> {
  const fixed = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "365"];
  await execute("openssl", [...fixed, ...args], { signal }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new ServiceError("TOOL_MISSING", "openssl is missing; install it with: apt-get install openssl", {
      metadata: { tool: "openssl" },
    });
  });
}
