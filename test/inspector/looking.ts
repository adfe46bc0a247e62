import { request, type IncomingHttpHeaders } from 'node:http';
import { onTestFinished } from 'vitest';
import { createInspector, type Inspector, type InspectorOptions } from '../../src/inspector/index.ts';
import type { Frame, Happened, NodeView, Present } from '../../src/inspector/protocol.ts';

type Target = Parameters<typeof createInspector>[0];

/** An inspector that is closed when its test ends. */
export async function openInspector(target: Target, options?: InspectorOptions): Promise<Inspector> {
  const inspector = await createInspector(target, options);
  onTestFinished(() => inspector.close());
  return inspector;
}

/** Where something of the page is: below the token. */
export function placeOf({ url }: Pick<Inspector, 'url'>, name: string): string {
  const { origin, searchParams } = new URL(url);
  return `${origin}/${searchParams.get('token')}/${name}`;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** A request of which nothing is made better on the way, unlike with `fetch`. */
export function ask(
  url: string,
  {
    path,
    method = 'GET',
    headers = {},
    body,
  }: { path?: string; method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const { hostname, port, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request(
      { hostname, port, path: path ?? pathname + search, method, headers, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** How long anything may take before a test gives up. ms */
const patience = 15_000;

/** Somebody who looks: what the page would be sent. */
export class Look {
  readonly presents: Present[] = [];
  readonly frames: Frame[] = [];
  /** All that came, as it came. */
  text = '';
  readonly #close = new AbortController();
  readonly #waiting = new Set<() => void>();
  readonly ended: Promise<void>;

  constructor(inspector: Pick<Inspector, 'url'>) {
    this.ended = this.#read(placeOf(inspector, 'events'));
    onTestFinished(() => this.close());
  }

  /** Every node as it is now. */
  get nodes(): Map<string, NodeView> {
    const nodes = new Map(this.presents.at(-1)?.nodes.map((node) => [node.path, node]));
    for (const frame of this.frames) {
      for (const node of frame.nodes) nodes.set(node.path, node);
      for (const path of frame.gone) nodes.delete(path);
    }
    return nodes;
  }

  /** All of a kind that came. */
  all<Kind extends 'messages' | 'steps' | 'turns' | 'spans' | 'samples'>(kind: Kind): Happened[Kind][number][] {
    const lists = [...this.presents.map(({ recent }) => recent[kind]), ...this.frames.map((frame) => frame[kind])];
    return lists.flat() as Happened[Kind][number][];
  }

  /** Resolves when it holds, now or after something that came. */
  until(what: string, holds: () => unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`Waited in vain for ${what}`)), patience);
      const look = (): void => {
        if (!holds()) return;
        clearTimeout(late);
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  close(): void {
    this.#close.abort();
  }

  async #read(url: string): Promise<void> {
    try {
      const response = await fetch(url, { signal: this.#close.signal });
      const decoder = new TextDecoder();
      let rest = '';
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        rest += decoder.decode(chunk, { stream: true });
        const parts = rest.split('\n\n');
        rest = parts.pop() ?? '';
        for (const part of parts) this.#take(part);
      }
    } catch {
      // It was closed, by one side or the other.
    }
  }

  #take(part: string): void {
    this.text += part;
    const [, event = '', data = ''] = /^event: (\w+)\ndata: (.*)$/s.exec(part) ?? [];
    if (event === 'present') {
      this.presents.push(JSON.parse(data) as Present);
      this.frames.length = 0;
    } else {
      this.frames.push(JSON.parse(data) as Frame);
    }
    for (const look of this.#waiting) look();
  }
}

/** Looks, and has been sent the present state. */
export async function look(inspector: Pick<Inspector, 'url'>): Promise<Look> {
  const looking = new Look(inspector);
  await looking.until('the present state', () => looking.presents.length > 0);
  return looking;
}
