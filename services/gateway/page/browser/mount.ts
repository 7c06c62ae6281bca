import type { CallOptions } from "@troupe/client";
import { type CallScreen, createCallScreen } from "./call-screen.ts";
import { element } from "./elements.ts";

declare const TROUPE_STYLES: string;

export interface MountOptions extends CallOptions {
  /** Shown over the picture; the person can switch them. Default true. */
  readonly captions?: boolean;
}

/**
 * Puts the call screen into an element of any page:
 *
 *     <div id="avatar"></div>
 *     <script type="module">
 *       import { mount } from "https://gateway.example/client.js";
 *       mount(document.getElementById("avatar"), { avatar: "mara", language: "en", token });
 *     </script>
 */
export function mount(target: HTMLElement, options: MountOptions = {}): CallScreen {
  const base = options.url ?? new URL(import.meta.url).origin;
  const styles = new URL(TROUPE_STYLES, base).href;
  const present = [...document.styleSheets].some(({ href }) => href === styles);
  if (!present) document.head.append(element("link", { rel: "stylesheet", href: styles }));
  return createCallScreen(target, { ...options, url: base });
}
