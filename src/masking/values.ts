import { mask as masked } from '../commands/secret.ts';
import type { Mask } from './mask.ts';

/**
 * Any value with its texts masked: strings, Buffers, lists, plain objects, errors with their causes, and what turns into a text as JSON (a URL).
 * What has nothing to mask is returned as it is; other objects are not looked into.
 */
export function maskedValue<Value>(value: Value, mask: Mask): Value {
  try {
    return copyOf(value, mask, new Map()) as Value;
  } catch {
    // A getter that throws, a depth without end: nothing of it is shown rather than all.
    return masked as Value;
  }
}

/** By original, so that what contains itself comes to an end. */
type Copies = Map<object, unknown>;

function copyOf(value: unknown, mask: Mask, copies: Copies): unknown {
  if (typeof value === 'string') return mask.text(value);
  if (typeof value !== 'object' || value === null) return value;
  if (copies.has(value)) return copies.get(value);
  if (Buffer.isBuffer(value)) return mask.output(value, false);
  if (Array.isArray(value)) return fill(value, [], mask, copies);
  if (value instanceof Error) return fill(value, Object.create(Object.getPrototypeOf(value)) as object, mask, copies);
  if (isPlain(value)) return fill(value, {}, mask, copies);
  return asJson(value, mask, copies);
}

/** Copies the properties; gives the original back where none of them changed. */
function fill(original: object, copy: object, mask: Mask, copies: Copies): object {
  copies.set(original, copy);
  let changed = false;
  for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(original))) {
    if (key === 'length' && Array.isArray(original)) continue;
    const before: unknown = Reflect.get(original, key);
    const after = copyOf(before, mask, copies);
    changed ||= after !== before;
    Object.defineProperty(copy, key, {
      value: after,
      enumerable: property.enumerable ?? true,
      configurable: true,
      writable: true,
    });
  }
  if (!changed) copies.set(original, original);
  return changed ? copy : original;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function asJson(value: object, mask: Mask, copies: Copies): unknown {
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON !== 'function') return value;
  const before: unknown = toJSON.call(value);
  if (before === value) return value;
  const after = copyOf(before, mask, copies);
  return after === before ? value : after;
}
