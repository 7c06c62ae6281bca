/** Bundles the page for an image: `node build.ts <file>`. */
import { writePage } from "./built-page.ts";
import { bundlePage } from "./bundle.ts";

await writePage(await bundlePage(), process.argv[2] ?? "page.json");
