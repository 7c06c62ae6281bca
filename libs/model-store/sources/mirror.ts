import { ServiceError } from "@troupe/errors";
import type { FileIdentity } from "../file-check.ts";
import { ociRepositoryPattern } from "../manifest-schema.ts";
import type { HttpsSource, OciSource } from "../model-source.ts";

/**
 * Where a mirror keeps a file: an address that ends before `/sha256/<sha256>`, such as a served `blobs` folder of a cache, or
 * `oci://registry.example.org/models`, a repository that holds all files as blobs. http is for the operator to decide: the bytes
 * count only with their sha256.
 * @throws ServiceError INVALID_CONFIG
 */
export function mirrorSource(mirror: string, file: FileIdentity): HttpsSource | OciSource {
  const url = URL.parse(mirror);
  if (url?.protocol === "oci:") return { kind: "oci", repository: repositoryOf(mirror) };
  if (url?.protocol === "https:" || url?.protocol === "http:") {
    return { kind: "https", url: `${mirror.replace(/\/+$/, "")}/sha256/${file.sha256}` };
  }
  throw new ServiceError("INVALID_CONFIG", `${mirror} is no mirror; give an http, https or oci address`);
}

function repositoryOf(mirror: string): string {
  const repository = mirror.slice("oci://".length).replace(/\/+$/, "");
  if (ociRepositoryPattern.test(repository)) return repository;
  throw new ServiceError("INVALID_CONFIG", `${mirror} names no repository; give oci://host/repository without tag or digest`);
}
