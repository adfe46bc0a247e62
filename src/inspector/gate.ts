import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** Why a request is refused. */
export interface Refusal {
  status: 400 | 401 | 403 | 405 | 413 | 414;
  reason: string;
}

/** What a request asks for: the rest of its path, and its query. */
export interface Wanted {
  name: string;
  query: URLSearchParams;
}

/** Characters of a URL. */
const longestUrl = 2_048;

/**
 * Lets nobody in but who has the token and comes by a name of ours.
 *
 * The Host is looked at since a foreign page can have its own name lead here (DNS rebinding), and the Origin since it can send requests to us.
 */
export class Gate {
  readonly #token: Buffer;
  readonly #host: string;

  /** @param host the address that is listened on */
  constructor(token: string, host: string) {
    this.#token = digestOf(token);
    this.#host = host.toLowerCase();
  }

  check({ url = '', method, headers }: IncomingMessage): Wanted | Refusal {
    const { host = '', origin } = headers;
    if (!this.#isOurs(host)) return { status: 403, reason: 'This Host is not mine' };
    if (origin !== undefined && origin !== `http://${host}`) return { status: 403, reason: 'This Origin is not mine' };
    if (url.length > longestUrl) return { status: 414, reason: 'The URL is too long' };
    if (!url.startsWith('/')) return { status: 400, reason: 'Expected a path' };
    const wanted = this.#open(url);
    if (!wanted) return { status: 401, reason: 'Expected the URL with its token, as createInspector gave it' };
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, reason: 'There is nothing here but to look' };
    if (hasBody(headers)) return { status: 413, reason: 'Expected a request without a body' };
    return wanted;
  }

  /** The token is the first part of the path, or for the page itself the query. */
  #open(url: string): Wanted | undefined {
    const end = url.indexOf('?');
    const path = end === -1 ? url : url.slice(0, end);
    const query = new URLSearchParams(end === -1 ? '' : url.slice(end));
    const [, first = '', ...rest] = path.split('/');
    if (rest.length > 0 && this.#isToken(first)) return { name: rest.join('/'), query };
    return this.#isToken(query.get('token') ?? '') ? { name: path.slice(1), query } : undefined;
  }

  #isToken(text: string): boolean {
    return timingSafeEqual(digestOf(text), this.#token);
  }

  /** Without its port: a tunnel has one of its own. */
  #isOurs(host: string): boolean {
    const name = host.replace(/:\d*$/, '').toLowerCase();
    const address = name.replace(/^\[(.*)\]$/, '$1');
    if (name === 'localhost' || address === '127.0.0.1' || address === '::1' || address === this.#host) return true;
    // Whoever listens everywhere has many addresses. No foreign name leads to a page that was opened by an address.
    return (this.#host === '0.0.0.0' || this.#host === '::') && isIP(address) !== 0;
  }
}

function hasBody(headers: IncomingMessage['headers']): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Of the same length for all texts, as a comparison in constant time needs it. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
