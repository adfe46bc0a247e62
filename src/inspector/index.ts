export type { InspectorOptions } from '../options/inspector-options.ts';
export { createInspector, type Inspector } from './inspector.ts';
