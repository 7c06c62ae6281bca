import { existsSync } from "node:fs";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withModelLock } from "@troupe/model-store";
import { type ProgramCacheOptions, programPath } from "../programs/program-cache.ts";
import type { ProgramName } from "../programs/program-table.ts";
import { bud, type ImageArchive } from "./buildah.ts";

/** An image of nothing but one of the test bed's programs, kept beside the program. */
export async function programImage(name: ProgramName, options: ProgramCacheOptions): Promise<ImageArchive> {
  const program = await programPath(name, options);
  const archive: ImageArchive = { reference: `localhost/${name}:testbed`, path: `${program}.image.tar` };
  await withModelLock(options.cacheDir, `testbed-${name}`, { signal: options.signal }, async () => {
    if (existsSync(archive.path)) return;
    const context = await mkdtemp(join(tmpdir(), "troupe-image-"));
    try {
      await copyFile(program, join(context, name));
      const lines = ["FROM scratch", `COPY ${name} /usr/local/bin/${name}`, "USER 65532:65532", `ENTRYPOINT ["/usr/local/bin/${name}"]`];
      await writeFile(join(context, "Containerfile"), `${lines.join("\n")}\n`);
      await bud(context, archive, options.cacheDir, options.signal);
    } finally {
      await rm(context, { recursive: true, force: true });
    }
  });
  return archive;
}
