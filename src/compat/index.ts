import { StatefulProcessCommandProxy } from './command-proxy.ts';

export {
  StatefulProcessCommandProxy,
  // oxlint-disable-next-line import/no-default-export
  StatefulProcessCommandProxy as default,
  // `require` of this module gives what has this name: the constructor itself, as that of the ancestor does.
  StatefulProcessCommandProxy as 'module.exports',
};
export type { CompatPromise } from './compat-promise.ts';
export type * from './types.ts';
