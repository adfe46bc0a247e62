import { descriptors, files, limits } from './ground.ts';
import { hazard, type Hazard } from './hazard.ts';
import { jobs, signals, traps } from './running.ts';
import { options, outputs, texts } from './texts.ts';
import { variables, words } from './words.ts';

/** Every hazard, by the heading of its table in docs/hazards.md. */
export const table: Readonly<Record<string, readonly Hazard[]>> = {
  Words: words.map(hazard),
  Variables: variables.map(hazard),
  Descriptors: descriptors.map(hazard),
  'Folders and files': files.map(hazard),
  Limits: limits.map(hazard),
  Traps: traps.map(hazard),
  Signals: signals.map(hazard),
  'Jobs and programs': jobs.map(hazard),
  Texts: texts.map(hazard),
  Output: outputs.map(hazard),
  Options: options.map(hazard),
};
