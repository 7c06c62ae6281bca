import { type Edge, type EdgeName, edges } from "@troupe/stage";
import { type Box, boxes, type Route, routes, size } from "./data-path-layout.ts";

/** What the reader of the picture needs to know of each policy. */
const policies: Readonly<Record<Edge["policy"], string>> = {
  resend: "in order and whole; what is missing is sent again; ≤ 3 s: at most so far ahead of what was presented",
  live: "newest wins; after a gap, from the next keyframe on",
  state: "each message replaces the one before",
};

const style = `
  text { font-family: ui-sans-serif, system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; font-size: 14px; }
  .page { fill: #ffffff; }
  .box { fill: #f3f5f8; stroke: #57606a; stroke-width: 1.5; }
  .party { font-size: 15px; font-weight: 600; }
  .edge { font-weight: 600; }
  .note { fill: #57606a; font-size: 12px; }
  .way { fill: none; stroke-width: 1.8; }
  .resend { stroke: #0969da; } .resend-head { fill: #0969da; }
  .live { stroke: #bc4c00; } .live-head { fill: #bc4c00; }
  .state { stroke: #6e7781; stroke-dasharray: 5 4; } .state-head { fill: #6e7781; }
  .person { fill: none; stroke: #57606a; stroke-width: 1.5; } .person-head { fill: #57606a; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .page { fill: #0d1117; }
    .box { fill: #1c2330; stroke: #8b949e; }
    .note { fill: #9ea7b3; }
    .resend { stroke: #58a6ff; } .resend-head { fill: #58a6ff; }
    .live { stroke: #f0883e; } .live-head { fill: #f0883e; }
    .state { stroke: #8b949e; } .state-head { fill: #8b949e; }
    .person { stroke: #8b949e; } .person-head { fill: #8b949e; }
  }`;

/** docs/data-path.svg: every edge of libs/stage, with its policy and an arrow to each of its readers. */
export function dataPathSvg(): string {
  const { width, height } = size;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
<title id="title">The data path of a session: gateway, five stages and the edges between them</title>
<style>${style}
</style>
<defs>
${[...Object.keys(policies), "person"].map(arrowHead).join("\n")}
</defs>
<rect class="page" width="${width}" height="${height}" rx="8"/>
${person()}
${Object.values(edges).map(drawEdge).join("\n")}
${Object.entries(boxes)
  .map(([name, box]) => drawBox(name, box))
  .join("\n")}
${Object.entries(policies)
  .map(([policy, meaning], row) => legend(policy, meaning, height - 58 + row * 22))
  .join("\n")}
</svg>
`;
}

const arrowHead = (kind: string) =>
  `<marker id="${kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="${kind}-head" d="M0 0 10 5 0 10z"/></marker>`;

function drawEdge(edge: Edge<EdgeName>): string {
  const route: Route = routes[edge.name];
  const { policy, name } = edge;
  const ways = edge.readers.map((reader) => {
    const points = route.ways[reader];
    if (!points) throw new Error(`tools/docs/data-path-layout.ts has no way from ${edge.writer} to ${reader} for ${name}`);
    const path = points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${x} ${y}`).join(" ");
    return `  <path class="way ${policy}" d="${path}" marker-end="url(#${policy})"/>`;
  });
  const labels = [route.label, ...(route.again ? [route.again] : [])];
  const texts = labels.map((at, index) => label(edge, at, route.anchor, route.stacked && index === 0));
  return `<g id="${name}">\n${[...ways, ...texts].join("\n")}\n</g>`;
}

function label(edge: Edge, [x, y]: readonly [number, number], anchor: Route["anchor"], stacked: boolean): string {
  const note = edge.leadUs === undefined ? edge.policy : `${edge.policy}, ≤ ${edge.leadUs / 1e6} s`;
  const place = stacked ? ` x="${x}" dy="22"` : ' dx="6"';
  return `  <text x="${x}" y="${y}" text-anchor="${anchor}"><tspan class="edge">${edge.name}</tspan><tspan class="note"${place}>${note}</tspan></text>`;
}

function drawBox(name: string, { x, y, width, height, role }: Box): string {
  const middle = x + width / 2;
  const top = y + height / 2;
  return `<rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>
<text class="party" x="${middle}" y="${top - 3}" text-anchor="middle">${name}</text>
<text class="note" x="${middle}" y="${top + 16}" text-anchor="middle">${role}</text>`;
}

function person(): string {
  const { x, y, height } = boxes.gateway;
  const middle = y + height / 2;
  return `<g id="person">
  <text class="party" x="12" y="${middle - 48}">person</text>
  <path class="person" d="M12 ${middle - 16} H${x}" marker-end="url(#person)"/>
  <path class="person" d="M${x} ${middle + 16} H12" marker-end="url(#person)"/>
  <text class="note" x="12" y="${middle - 23}">speech, text</text>
  <text class="note" x="12" y="${middle + 34}">sound,</text>
  <text class="note" x="12" y="${middle + 49}">picture</text>
</g>`;
}

function legend(policy: string, meaning: string, y: number): string {
  return `<path class="way ${policy}" d="M96 ${y} H140" marker-end="url(#${policy})"/>
<text class="note" x="152" y="${y + 4}"><tspan class="edge">${policy}</tspan><tspan dx="6">${meaning}</tspan></text>`;
}
