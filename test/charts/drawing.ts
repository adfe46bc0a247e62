/** A rectangle in px from a chart's upper left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A place in px from a chart's upper left corner. */
export type Point = readonly [x: number, y: number];

/**
 * A line of text: px from the left edge, and from the top to its baseline. `width` is what room there is for it, whatever font
 * shows it (`textLength`).
 *
 * `title`: the machine's name; `name`: a state's; `note`: its description; `event`: on an arrow; `exit`: what leads away, told in the box; `small`: the rest.
 */
export interface PlacedText {
  readonly kind: 'title' | 'name' | 'note' | 'event' | 'exit' | 'small';
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** A state's box. */
export interface DrawnState extends Box {
  /** Its path, as `snapshot.matches` knows it, such as `idle.free`; '' for the machine itself. */
  readonly id: string;
  readonly kind: 'machine' | 'compound' | 'simple' | 'final';
  readonly texts: readonly PlacedText[];
}

/** An arrow. */
export interface DrawnEdge {
  readonly from: string;
  readonly to: string;
  /** The types of the events that it is taken on; '' for `always`. None: it leads to the state that another begins in. */
  readonly events: readonly string[];
  readonly points: readonly Point[];
  /** Without one, the box that it comes from says what it is taken on. */
  readonly label?: Box & { readonly texts: readonly PlacedText[] };
}

/** A mark from which arrows lead that are taken in whatever state within `of` the machine is. */
export interface DrawnAny extends Box {
  readonly of: string;
  readonly texts: readonly PlacedText[];
}

/** A machine's statechart with a place for everything. */
export interface Chart {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Those around others before what is in them. */
  readonly states: readonly DrawnState[];
  readonly anys: readonly DrawnAny[];
  /** The centres of the dots from which a machine, and each state with states in it, begins. */
  readonly dots: readonly Point[];
  readonly edges: readonly DrawnEdge[];
}
