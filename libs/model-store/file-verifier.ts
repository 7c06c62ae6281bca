import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { checkFile, type FileCheck, type FileIdentity, hashFile, linkedFolder } from "./file-check.ts";
import { type DeclaredTensors, readGraphTensors } from "./onnx-graph.ts";

/** Checks files of model folders, and hashes one again only when it has changed on disk since. */
export interface FileVerifier {
  /** @param path below `folder` */
  check(folder: string, path: string, expected: FileIdentity): Promise<FileCheck>;
  /** The tensors of a file that was found intact, by its sha256; a sentence when it holds no graph. */
  tensorsOf(path: string, sha256: string): DeclaredTensors | string;
}

interface Hashed {
  readonly stamp: string;
  readonly sha256: Promise<string>;
}

export function createFileVerifier(): FileVerifier {
  const hashes = new Map<string, Hashed>();
  const graphs = new Map<string, DeclaredTensors | string>();

  async function rememberedHash(path: string): Promise<string> {
    const { dev, ino, size, mtimeNs, ctimeNs } = await lstat(path, { bigint: true });
    const stamp = [dev, ino, size, mtimeNs, ctimeNs].join(":");
    const known = hashes.get(path);
    if (known?.stamp === stamp) return await known.sha256;
    const sha256 = hashFile(path);
    hashes.set(path, { stamp, sha256 });
    // A failure is not remembered: the file may be replaced while it is read.
    sha256.catch(() => hashes.delete(path));
    return await sha256;
  }

  return {
    async check(folder, path, expected) {
      const link = await linkedFolder(folder, path);
      if (link) return { state: "corrupt", detail: `lies behind ${link}, which is no folder` };
      return await checkFile(join(folder, path), expected, rememberedHash);
    },
    tensorsOf(path, sha256) {
      const tensors = graphs.get(sha256) ?? readGraphTensors(path);
      graphs.set(sha256, tensors);
      return tensors;
    },
  };
}
