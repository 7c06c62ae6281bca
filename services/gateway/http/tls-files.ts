import { readFile } from "node:fs/promises";
import { createSecureContext, type SecureContextOptions, type Server } from "node:tls";
import { ServiceError } from "@troupe/errors";
import { logThrown } from "@troupe/service";
import type { Logger } from "@troupe/stage";
import type { Clock } from "@troupe/timeline";
import { watchFiles } from "./watched-files.ts";

export interface TlsFiles {
  /** Certificate and its chain, PEM. */
  readonly certFile: string;
  /** Private key, PEM. */
  readonly keyFile: string;
}

/** @throws ServiceError INVALID_CONFIG where a file cannot be read, or the key is not the certificate's */
export async function readTlsFiles({ certFile, keyFile }: TlsFiles): Promise<SecureContextOptions> {
  try {
    const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
    const options: SecureContextOptions = { cert, key, minVersion: "TLSv1.2" };
    createSecureContext(options);
    return options;
  } catch (cause) {
    throw new ServiceError(
      "INVALID_CONFIG",
      `${certFile} (TROUPE_TLS_CERT) and ${keyFile} (TROUPE_TLS_KEY) are no certificate and its key`,
      {
        cause,
      },
    );
  }
}

/**
 * New connections get the certificate that the files hold now; those that run keep theirs. Files that do not belong together, as
 * while one of them is being replaced, change nothing.
 * @returns stops following them
 */
export function followTlsFiles(
  server: Pick<Server, "setSecureContext">,
  files: TlsFiles,
  deps: { clock: Clock; logger: Logger },
): () => void {
  return watchFiles([files.certFile, files.keyFile], deps.clock, async () => {
    try {
      server.setSecureContext(await readTlsFiles(files));
    } catch (thrown) {
      logThrown(deps.logger, thrown, "the certificate stays as it was");
    }
  });
}
