import { type AvatarCall, connectAvatar, type PlayerKind, playerFor, type TurnMode } from "@troupe/client";
import { listAvatars } from "./avatar-list.ts";
import { bindControls } from "./controls.ts";
import { element } from "./elements.ts";
import { createLayout, type Layout } from "./layout.ts";
import type { MountOptions } from "./mount.ts";
import { showPortrait } from "./portrait.ts";
import { showReadouts } from "./readouts-view.ts";
import { showState } from "./state-view.ts";
import { type Texts, textsFor } from "./texts.ts";
import { showTranscript } from "./transcript-view.ts";

export interface CallScreen {
  /** The call that runs, or the last one. */
  readonly call: AvatarCall | undefined;
  onCall(listener: (call: AvatarCall) => void): void;
  /** Ends the call and takes the screen away. */
  close(): void;
}

/** Picture, captions, controls, text, transcript and read-outs of one call after the other. */
export function createCallScreen(target: HTMLElement, options: MountOptions): CallScreen {
  const texts = textsFor(options.language);
  const layout = createLayout(texts);
  const listeners: ((call: AvatarCall) => void)[] = [];
  const current: { call: AvatarCall | undefined; release: () => void } = { call: undefined, release: () => undefined };
  layout.language.value = options.language ?? "";
  layout.root.classList.toggle("no-captions", options.captions === false);
  layout.captions.setAttribute("aria-pressed", String(options.captions !== false));
  target.replaceChildren(layout.root);
  const base = options.url ?? location.origin;
  void listAvatars(base, layout.avatar, options.avatar, options.token)
    .then(() => showPortrait(layout, base, texts))
    .catch(() => undefined);
  layout.avatar.addEventListener("change", () => void showPortrait(layout, base, texts).catch(() => undefined));
  const begin = () => {
    if (current.call && current.call.state !== "ended") return;
    const call = connectAvatar({ ...options, ...chosen(layout), ...freshPicture(layout, texts, playerFor(options.player)) });
    current.call = call;
    current.release = followCall(call, layout, texts);
    for (const listener of listeners) listener(call);
  };
  layout.start.addEventListener("click", begin);
  const unbind = bindControls(layout, texts, () => current.call, options.turns ?? "hands-free");
  return {
    get call() {
      return current.call;
    },
    onCall: (listener) => void listeners.push(listener),
    close() {
      current.call?.end();
      current.release();
      unbind();
      target.replaceChildren();
    },
  };
}

function followCall(call: AvatarCall, layout: Layout, texts: Texts): () => void {
  layout.transcript.replaceChildren();
  showTranscript(call, layout.transcript, texts);
  const endReadouts = showReadouts(call, layout.readouts, layout.detailsPanel, texts);
  showState(call, layout, texts);
  call.on("caption", ({ text }) => {
    layout.caption.textContent = text;
  });
  call.on("state", ({ state }) => state === "ended" && endReadouts());
  return endReadouts;
}

/** A canvas that a worker draws on, and an element that sound was taken from, cannot be used again. */
function freshPicture({ picture, avatar }: Layout, texts: Texts, player: PlayerKind) {
  const name = avatar.selectedOptions[0]?.textContent || "Troupe";
  const label = `${texts.picture(name)}. ${texts.pictureHint}`;
  for (const old of picture.querySelectorAll(".live")) old.remove();
  if (player === "mse") {
    const video = element("video", {
      id: "avatar-video",
      class: "live",
      "aria-label": label,
      playsinline: true,
      disablepictureinpicture: true,
    });
    picture.append(video);
    return { video };
  }
  const canvas = element("canvas", { id: "avatar", class: "live", role: "img", "aria-label": label, width: "512", height: "512" });
  picture.append(canvas);
  return { canvas };
}

function chosen({ language, avatar, root }: Layout) {
  return {
    turns: root.dataset.turns as TurnMode,
    ...(language.value ? { language: language.value } : {}),
    ...(avatar.value ? { avatar: avatar.value } : {}),
  };
}
