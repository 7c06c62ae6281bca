import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generatedDocs, root } from "./docs/generated-docs.ts";

for (const [path, text] of await generatedDocs()) {
  await writeFile(join(root, path), text);
  console.log(`wrote ${path}`);
}
