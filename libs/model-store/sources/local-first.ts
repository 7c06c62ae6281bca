import type { ModelFile } from "../manifest.ts";

/** The files that lie beside the manifest before those that have to be fetched: a wrong one then costs no download. */
export function localFirst(files: readonly ModelFile[]): readonly ModelFile[] {
  return files.toSorted((one, other) => Number(isLocal(other)) - Number(isLocal(one)));
}

function isLocal(file: ModelFile): boolean {
  return file.sources[0]?.kind === "file";
}
