import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { generatedDocs, root } from "./docs/generated-docs.ts";

for (const [path, text] of await generatedDocs()) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
  console.log(`wrote ${path}`);
}
