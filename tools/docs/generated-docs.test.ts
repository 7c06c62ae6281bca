import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { reasons } from "@troupe/errors";
import { edges } from "@troupe/stage";
import { describe, expect, it } from "vitest";
import { dataPathSvg } from "./data-path-svg.ts";
import { errorsPage } from "./errors-page.ts";
import { generatedDocs, root } from "./generated-docs.ts";
import { withOptions } from "./options-table.ts";

const generated = await generatedDocs();

describe("generated documents", () => {
  it.each([...generated.keys()])("%s is what make generate writes now", async (path) => {
    expect(await readFile(join(root, path), "utf8")).toBe(generated.get(path));
  });

  it("name every reason", () => {
    const page = errorsPage();
    expect(Object.keys(reasons).filter((reason) => !page.includes(`\`${reason}\``))).toEqual([]);
  });

  it("have a place for the options, or say that it is missing", () => {
    expect(() => withOptions("# a page\n", "| a |")).toThrow(/has no/);
  });
});

describe("the picture of the data path", () => {
  const picture = dataPathSvg();

  it.each(Object.values(edges).map((edge) => [edge.name, edge] as const))("shows %s with an arrow to each reader", (name, edge) => {
    const group = picture.split(`<g id="${name}"`)[1]?.split("</g>")[0] ?? "";
    expect(group).toContain(`>${name}<`);
    expect(group.match(/marker-end/g)).toHaveLength(edge.readers.length);
  });
});
