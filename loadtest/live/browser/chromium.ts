import { existsSync } from "node:fs";
import { ServiceError } from "@troupe/errors";
import { type Browser, chromium } from "playwright-core";

const candidates = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/**
 * A real Chromium, without a window. `TROUPE_CHROMIUM` names another program.
 * @throws ServiceError TOOL_MISSING
 */
export async function launchChromium(): Promise<Browser> {
  const executablePath = process.env["TROUPE_CHROMIUM"] ?? candidates.find((path) => existsSync(path));
  if (executablePath === undefined || !existsSync(executablePath))
    throw new ServiceError("TOOL_MISSING", "no Chromium was found; get it with: tools/install.sh chromium (TROUPE_CHROMIUM names another)");
  return await chromium.launch({
    executablePath,
    headless: true,
    // It would end this process at once, and leave the platform's processes behind.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: [
      "--no-sandbox",
      "--autoplay-policy=no-user-gesture-required",
      // A page in the background must keep its time.
      "--disable-background-timer-throttling",
      "--disable-renderer-backgrounding",
      "--disable-backgrounding-occluded-windows",
      "--use-fake-ui-for-media-stream",
    ],
  });
}

export type { Browser };
