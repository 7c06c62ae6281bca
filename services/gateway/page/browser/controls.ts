import type { AvatarCall, TurnMode } from "@troupe/client";
import { setIcon } from "./elements.ts";
import type { Layout } from "./layout.ts";
import type { Texts } from "./texts.ts";
import { writeTyped } from "./transcript-view.ts";

type Current = () => AvatarCall | undefined;

/** Mouse, touch and keys of the call screen. @returns what takes the keys away again */
export function bindControls(layout: Layout, texts: Texts, current: Current, turns: TurnMode): () => void {
  const { mute, captions, end, stop, picture, form, text } = layout;
  mute.addEventListener("click", () => {
    const call = current();
    if (!call) return;
    call.setMuted(!call.muted);
    mute.setAttribute("aria-pressed", String(call.muted));
    setIcon(mute, call.muted ? "muted" : "microphone");
  });
  captions.addEventListener("click", () => {
    const off = layout.root.classList.toggle("no-captions");
    captions.setAttribute("aria-pressed", String(!off));
  });
  end.addEventListener("click", () => current()?.end());
  stop.addEventListener("click", () => current()?.interrupt());
  picture.addEventListener("click", () => current()?.interrupt());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const words = text.value.trim();
    const call = current();
    if (words === "" || !call || call.state === "ended") return;
    call.type(words);
    writeTyped(layout.transcript, texts, words);
    text.value = "";
  });
  bindPanels(layout);
  bindTurns(layout, texts, current, turns);
  return bindKeys(layout, current);
}

function bindPanels({ root, transcriptToggle, transcriptPanel, detailsToggle, detailsPanel }: Layout): void {
  const toggle = (button: HTMLElement, panel: HTMLElement, other: readonly [HTMLElement, HTMLElement]) =>
    button.addEventListener("click", () => {
      panel.hidden = !panel.hidden;
      button.setAttribute("aria-expanded", String(!panel.hidden));
      // A phone has room for one of them.
      if (!panel.hidden && matchMedia("(max-width: 899px)").matches) {
        other[1].hidden = true;
        other[0].setAttribute("aria-expanded", "false");
      }
      root.classList.toggle("with-panel", !panel.hidden || !other[1].hidden);
    });
  toggle(transcriptToggle, transcriptPanel, [detailsToggle, detailsPanel]);
  toggle(detailsToggle, detailsPanel, [transcriptToggle, transcriptPanel]);
}

function bindTurns({ root, handsFree, talk }: Layout, texts: Texts, current: Current, turns: TurnMode): void {
  let mode = turns;
  const show = () => {
    handsFree.setAttribute("aria-checked", String(mode === "hands-free"));
    talk.hidden = mode === "hands-free";
    root.dataset.turns = mode;
  };
  show();
  handsFree.addEventListener("click", () => {
    mode = mode === "hands-free" ? "push-to-talk" : "hands-free";
    current()?.setTurns(mode);
    show();
  });
  const press = (pressed: boolean) => {
    current()?.talk(pressed);
    talk.classList.toggle("pressed", pressed);
    talk.textContent = pressed ? texts.talking : texts.holdToTalk;
  };
  talk.addEventListener("pointerdown", (event) => {
    talk.setPointerCapture(event.pointerId);
    press(true);
  });
  for (const type of ["pointerup", "pointercancel", "blur"]) talk.addEventListener(type, () => press(false));
  talk.addEventListener("contextmenu", (event) => event.preventDefault());
  talk.addEventListener("troupe-press", (event) => press((event as CustomEvent<boolean>).detail));
}

const typesInto = (target: EventTarget | null) => target instanceof HTMLElement && target.matches("input, select, textarea");
const pressesOnSpace = (target: EventTarget | null) => target instanceof HTMLElement && target.matches("button:not(#talk)");

/** Escape interrupts; Space held is push-to-talk wherever it means nothing else. */
function bindKeys({ root, talk }: Layout, current: Current): () => void {
  const space = (event: KeyboardEvent, pressed: boolean) => {
    if (event.code !== "Space" || talk.hidden || typesInto(event.target) || pressesOnSpace(event.target)) return;
    event.preventDefault();
    if (!event.repeat) talk.dispatchEvent(new CustomEvent("troupe-press", { detail: pressed }));
  };
  const down = (event: KeyboardEvent) => {
    if (event.key === "Escape" && root.isConnected) current()?.interrupt();
    else space(event, true);
  };
  const up = (event: KeyboardEvent) => space(event, false);
  document.addEventListener("keydown", down);
  document.addEventListener("keyup", up);
  return () => {
    document.removeEventListener("keydown", down);
    document.removeEventListener("keyup", up);
  };
}
