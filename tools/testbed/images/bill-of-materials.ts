/** A part of an image, as CycloneDX names it. */
export interface Component {
  readonly type: "library" | "application";
  readonly name: string;
  readonly version: string;
  /** Package URL: https://github.com/package-url/purl-spec */
  readonly purl: string;
  /** SPDX expression, where the package says one; otherwise its licence text is in the image. */
  readonly licence?: string | undefined;
}

/** CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/. The same parts give the same bytes: no time, no serial number. */
export function billOfMaterials(name: string, version: string, components: readonly Component[]): string {
  const sorted = [...components].sort((a, b) => (a.purl < b.purl ? -1 : 1));
  const bom = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: { type: "application", name, version, "bom-ref": name } },
    components: sorted.map(({ licence, ...component }) => ({
      ...component,
      "bom-ref": component.purl,
      ...(licence ? { licenses: [licenceChoice(licence)] } : {}),
    })),
  };
  return `${JSON.stringify(bom, undefined, 2)}\n`;
}

// An SPDX identifier holds no spaces; `A OR B` is an expression, anything else somebody's words.
function licenceChoice(licence: string): object {
  if (/^[A-Za-z0-9.+-]+$/.test(licence)) return { expression: licence };
  if (/^\(?[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)+\)?$/.test(licence)) return { expression: licence };
  return { license: { name: licence } };
}
