import type { ModelSource } from "../model-source.ts";

/** As people know it: "pypi silero-vad 6.2.3", an address. Two packages that differ are never called the same. */
export function describeSource(source: ModelSource): string {
  switch (source.kind) {
    case "pypi":
      return ["pypi", source.package, source.version, ...(source.platform === undefined ? [] : [source.platform])].join(" ");
    case "npm":
      return `${source.kind} ${source.package} ${source.version}`;
    case "https":
      return source.url;
    case "oci":
      return `oci ${source.repository}`;
    case "file":
      return `file ${source.path}`;
    case "joined":
      return source.parts.map(describeSource).join(" + ");
    case "conversion":
      return `conversion ${source.recipe}`;
  }
}
