import type { AvatarCall } from "@troupe/client";
import { element } from "./elements.ts";
import type { Texts } from "./texts.ts";

/** Lines that are kept; older ones leave the page. */
const maxLines = 300;

/** Writes down what both say; a line grows while it is said and is cut to what was heard where the person interrupted. */
export function showTranscript(call: AvatarCall, list: HTMLElement, texts: Texts): void {
  const lines = new Map<string, HTMLElement>();
  const write = (key: string, who: string, text: string, change: (words: HTMLElement) => void, language = "") => {
    let line = lines.get(key);
    if (!line) {
      line = element("li", { class: who === texts.you ? "mine" : "theirs" }, element("b", {}, who), element("span", {}));
      lines.set(key, line);
      list.append(line);
      if (list.childElementCount > maxLines) list.firstElementChild?.remove();
    }
    const words = line.querySelector("span");
    if (words) {
      if (language) words.lang = language;
      change(words);
      line.hidden = words.textContent === "" && text === "";
    }
    list.scrollTop = list.scrollHeight;
  };
  let avatar = "Troupe";
  call.on("started", (event) => {
    avatar = event.avatar.charAt(0).toUpperCase() + event.avatar.slice(1);
  });
  call.on("utterance", ({ utterance, state, text, language }) => {
    if (state === "started" || state === "ended" || text === undefined) return;
    write(`u${utterance}`, texts.you, text, (words) => (words.textContent = text), language);
  });
  call.on("text", ({ response, text, language }) => {
    write(`r${response}`, avatar, text, (words) => words.append(words.textContent ? " " : "", text), language);
  });
  call.on("heard", ({ response, text }) => {
    write(`r${response}`, avatar, text, (words) => {
      words.textContent = text === "" ? "…" : `${text} …`;
      words.parentElement?.setAttribute("data-cut", texts.cutOff);
    });
  });
}

/** What was typed; the server repeats it as an utterance only where it was spoken. */
export function writeTyped(list: HTMLElement, texts: Texts, text: string): void {
  list.append(element("li", { class: "mine" }, element("b", {}, texts.you), element("span", {}, text)));
  list.scrollTop = list.scrollHeight;
}
