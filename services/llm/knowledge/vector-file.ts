import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

const keyBytes = 32;

/**
 * Vectors by the sha256 of their text, in one file: records of 32 bytes of key and the vector's floats, little endian. A cache and
 * nothing more: a file that is missing or does not fit counts as empty, and two writers leave the file of one of them.
 */
export interface VectorFile {
  read(): Promise<Map<string, Float32Array>>;
  write(vectors: ReadonlyMap<string, Float32Array>): Promise<void>;
}

/** @param keys of the map are hex sha256 */
export function vectorFile(path: string, dimensions: number): VectorFile {
  const recordBytes = keyBytes + dimensions * 4;
  return {
    async read() {
      const vectors = new Map<string, Float32Array>();
      const bytes = await readFile(path).catch(() => Buffer.alloc(0));
      if (bytes.length % recordBytes !== 0) return vectors;
      for (let at = 0; at < bytes.length; at += recordBytes) {
        const key = bytes.toString("hex", at, at + keyBytes);
        vectors.set(key, new Float32Array(bytes.buffer.slice(bytes.byteOffset + at + keyBytes, bytes.byteOffset + at + recordBytes)));
      }
      return vectors;
    },
    async write(vectors) {
      const records = [...vectors].map(([key, vector]) =>
        Buffer.concat([Buffer.from(key, "hex"), Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)]),
      );
      await mkdir(dirname(path), { recursive: true });
      const temporary = `${path}.${process.pid}.${crypto.randomUUID()}`;
      await writeFile(temporary, Buffer.concat(records));
      await rename(temporary, path);
    },
  };
}
