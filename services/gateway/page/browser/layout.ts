import { element, icon } from "./elements.ts";
import type { Texts } from "./texts.ts";

/** Everything on the call screen that changes. */
export type Layout = ReturnType<typeof createLayout>;

/** The call screen's elements, phone first: picture with captions, disclosure, controls, text; transcript and read-outs beside. */
export function createLayout(texts: Texts) {
  const status = element("p", { id: "status", role: "status", class: "status", "data-state": "idle" }, texts.state.idle);
  const caption = element("p", { id: "caption", class: "caption", "aria-live": "polite" });
  const notice = element("p", { id: "notice", class: "notice", role: "alert", hidden: true });
  const picture = element("div", { id: "picture", class: "picture" });
  const welcome = createWelcome(texts);
  const stage = element("section", { class: "stage", "aria-label": texts.avatar }, picture, caption);
  const controls = createControls(texts);
  const typing = createTyping(texts);
  const transcript = element("ol", { id: "transcript-list", class: "lines", tabindex: "0", "aria-label": texts.transcript });
  const transcriptPanel = element(
    "aside",
    { id: "transcript", class: "panel", "aria-label": texts.transcript, hidden: true },
    element("h2", {}, texts.transcript),
    element("p", { class: "empty" }, texts.emptyTranscript),
    transcript,
  );
  const readouts = element("dl", { id: "readouts", class: "readouts" });
  const detailsPanel = element(
    "aside",
    { id: "details", class: "panel", "aria-label": texts.details, hidden: true },
    element("h2", {}, texts.details),
    readouts,
  );
  const root = element(
    "main",
    { class: "troupe", "data-state": "idle", lang: texts.auto === "Automatic" ? "en" : "zh-CN" },
    element("header", { class: "bar" }, element("h1", { class: "brand" }, "Troupe"), status),
    element(
      "div",
      { class: "body" },
      element(
        "div",
        { class: "talk" },
        stage,
        element("p", { class: "disclosure" }, texts.disclosure),
        welcome.panel,
        notice,
        controls.row,
        typing.form,
      ),
      element("div", { class: "beside" }, transcriptPanel, detailsPanel),
    ),
  );
  return {
    root,
    status,
    caption,
    notice,
    picture,
    ...welcome,
    ...controls,
    ...typing,
    transcript,
    transcriptPanel,
    readouts,
    detailsPanel,
  };
}

function createWelcome(texts: Texts) {
  const start = element("button", { id: "start", class: "start", type: "button" }, icon("microphone"), element("span", {}, texts.start));
  const message = element("p", { id: "welcome-text", class: "invite" }, texts.invite);
  const language = element(
    "select",
    { id: "language" },
    element("option", { value: "" }, texts.auto),
    element("option", { value: "en" }, "English"),
    element("option", { value: "zh" }, "中文"),
  );
  const avatar = element("select", { id: "avatar-choice" });
  const choices = element(
    "div",
    { class: "choices" },
    element("label", {}, element("span", {}, texts.language), language),
    element("label", {}, element("span", {}, texts.avatar), avatar),
  );
  const panel = element("div", { class: "welcome" }, message, start, choices);
  return { panel, start, message, language, avatar };
}

function createControls(texts: Texts) {
  const tool = (id: string, name: Parameters<typeof icon>[0], label: string, more: Readonly<Record<string, string>> = {}) =>
    element("button", { id, type: "button", class: "tool", "aria-label": label, title: label, ...more }, icon(name));
  const mute = tool("mute", "microphone", texts.mute, { "aria-pressed": "false" });
  const handsFree = tool("hands-free", "handsFree", texts.handsFree, { role: "switch", "aria-checked": "true" });
  const stop = tool("interrupt", "stop", texts.stop, { "aria-keyshortcuts": "Escape" });
  const captions = tool("captions-toggle", "captions", texts.captions, { "aria-pressed": "true" });
  const transcriptToggle = tool("transcript-toggle", "transcript", texts.transcript, {
    "aria-expanded": "false",
    "aria-controls": "transcript",
  });
  const detailsToggle = tool("details-toggle", "details", texts.details, { "aria-expanded": "false", "aria-controls": "details" });
  const end = tool("end", "hangUp", texts.hangUp);
  end.classList.add("end");
  const talk = element(
    "button",
    { id: "talk", type: "button", class: "push", hidden: true, "aria-keyshortcuts": "Space" },
    texts.holdToTalk,
  );
  const row = element(
    "div",
    { class: "controls", role: "group", "aria-label": texts.call },
    element("div", { class: "tools" }, mute, handsFree, captions, end, stop, transcriptToggle, detailsToggle),
    talk,
  );
  return { row, mute, handsFree, stop, captions, transcriptToggle, detailsToggle, end, talk };
}

function createTyping(texts: Texts) {
  const text = element("input", {
    id: "text",
    type: "text",
    maxlength: "4000",
    autocomplete: "off",
    enterkeyhint: "send",
    placeholder: texts.typeHere,
    "aria-label": texts.typeHere,
  });
  const send = element("button", { id: "send", type: "submit", class: "tool send", "aria-label": texts.send }, icon("send"));
  const form = element("form", { class: "typing" }, text, send);
  return { form, text, send };
}
