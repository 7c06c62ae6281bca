type Attributes = Readonly<Record<string, string | boolean | undefined>>;

/** Makes an element with attributes and children. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (typeof value === "string") made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

const icons = {
  microphone: "M12 15a3.5 3.5 0 0 0 3.5-3.5v-5a3.5 3.5 0 0 0-7 0v5A3.5 3.5 0 0 0 12 15ZM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3.5",
  muted:
    "M15.5 10.5v-4a3.5 3.5 0 0 0-6.6-1.6M8.5 8.5v3a3.5 3.5 0 0 0 5.4 2.9M5.5 11.5a6.5 6.5 0 0 0 10.6 5M18.5 11.5a6.5 6.5 0 0 1-.5 2.5M12 18v3.5M3.5 3.5l17 17",
  hangUp: "M3 14.5c5-4.7 13-4.7 18 0l-2.4 3-3.9-1.7v-2.6a10 10 0 0 0-5.4 0v2.6L5.4 17.5z",
  captions: "M4 5.5h16v13H4zM7 11h4M13 11h4M7 14.5h7M16 14.5h1",
  transcript: "M5 5h14v11H11l-4 3.5V16H5zM8.5 9h7M8.5 12h5",
  details: "M4.5 19.5v-6M9.5 19.5v-11M14.5 19.5v-8M19.5 19.5v-15",
  stop: "M7 7h10v10H7z",
  send: "M5 12h13M12.5 6l6 6-6 6",
  close: "M6 6l12 12M18 6 6 18",
  handsFree: "M4 12h2l2-5 3 11 3-14 3 11 1.5-3H21",
} as const;

export type IconName = keyof typeof icons;

/** A drawn sign; the text beside it or the label of its button says what it means. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", icons[name]);
  svg.append(path);
  return svg;
}

export function setIcon(button: HTMLElement, name: IconName): void {
  button.querySelector("svg")?.replaceWith(icon(name));
}
