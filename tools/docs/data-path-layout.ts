import type { EdgeName, StageName } from "@troupe/stage";

type Point = readonly [x: number, y: number];

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** What it is, in a word or two. */
  readonly role: string;
}

export interface Route {
  /** Way of the edge to each reader, from its writer on. */
  readonly ways: Readonly<Partial<Record<StageName | "gateway", readonly Point[]>>>;
  /** Where its name stands, and the policy beside or below it. */
  readonly label: Point;
  readonly anchor: "start" | "middle" | "end";
  readonly stacked: boolean;
  /** A second place of the label, where the ways lie apart. */
  readonly again?: Point;
}

export const size = { width: 1000, height: 590 } as const;

export const boxes: Readonly<Record<StageName | "gateway", Box>> = {
  gateway: { x: 96, y: 64, width: 110, height: 424, role: "session, turns" },
  asr: { x: 352, y: 78, width: 96, height: 72, role: "hears" },
  llm: { x: 440, y: 202, width: 96, height: 72, role: "thinks" },
  tts: { x: 624, y: 202, width: 96, height: 72, role: "speaks" },
  face: { x: 848, y: 202, width: 108, height: 72, role: "moves" },
  compositor: { x: 848, y: 346, width: 108, height: 142, role: "presents" },
};

const trunkY = 32;
const fromTrunk = (x: number, y: number): readonly Point[] => [
  [x, trunkY],
  [x, y],
];

/** The picture is drawn by hand: where everything stands. An edge without a route stops the generator. */
export const routes: Readonly<Record<EdgeName, Route>> = {
  "speech-in": {
    ways: {
      asr: [
        [206, 98],
        [352, 98],
      ],
    },
    label: [277, 91],
    anchor: "middle",
    stacked: false,
  },
  transcript: {
    ways: {
      gateway: [
        [352, 132],
        [206, 132],
      ],
    },
    label: [281, 125],
    anchor: "middle",
    stacked: false,
  },
  prompt: {
    ways: {
      llm: [
        [206, 222],
        [440, 222],
      ],
    },
    label: [323, 215],
    anchor: "middle",
    stacked: false,
  },
  reply: {
    ways: {
      tts: [
        [536, 238],
        [624, 238],
      ],
      gateway: [
        [440, 256],
        [206, 256],
      ],
    },
    label: [577, 231],
    anchor: "middle",
    stacked: true,
    again: [323, 249],
  },
  speech: {
    ways: {
      face: [
        [720, 238],
        [848, 238],
      ],
      compositor: [
        [720, 238],
        [822, 238],
        [822, 366],
        [848, 366],
      ],
    },
    label: [770, 231],
    anchor: "middle",
    stacked: true,
  },
  motion: {
    ways: {
      compositor: [
        [918, 274],
        [918, 346],
      ],
    },
    label: [910, 306],
    anchor: "end",
    stacked: true,
  },
  av: {
    ways: {
      gateway: [
        [848, 398],
        [206, 398],
      ],
    },
    label: [530, 391],
    anchor: "middle",
    stacked: false,
  },
  presented: {
    ways: {
      gateway: [
        [848, 432],
        [206, 432],
      ],
    },
    label: [530, 425],
    anchor: "middle",
    stacked: false,
  },
  "av-feedback": {
    ways: {
      compositor: [
        [206, 466],
        [848, 466],
      ],
    },
    label: [530, 459],
    anchor: "middle",
    stacked: false,
  },
  control: {
    ways: {
      asr: fromTrunk(400, 78),
      llm: fromTrunk(488, 202),
      tts: fromTrunk(672, 202),
      face: fromTrunk(886, 202),
      compositor: [
        [150, 64],
        [150, trunkY],
        [980, trunkY],
        [980, 417],
        [956, 417],
      ],
    },
    label: [164, 25],
    anchor: "start",
    stacked: false,
  },
};
