import { sh } from 'shellwright';
import { openAncestor } from './ancestor.ts';
import { openCats } from './cat.ts';
import { openChildShell } from './child-shell.ts';
import { openUnwatched, openWatched } from './inspected.ts';
import { openOurs } from './ours.ts';
import type { OpenPeer } from './peer.ts';
import { openExec, openExeca } from './processes.ts';

/** Whom we measure: us, and what we measure us against. */
export const peers = {
  ours: openOurs(),
  'ours on dash': openOurs(sh({ path: 'dash' })),
  ancestor: openAncestor('bash'),
  'ancestor on dash': openAncestor('dash'),
  cat: openCats,
  'child-shell': openChildShell,
  'child_process.exec': openExec,
  execa: openExeca,
  'ours, inspected once': openUnwatched,
  'ours, watched': openWatched,
} satisfies Record<string, OpenPeer>;

export type PeerName = keyof typeof peers;
