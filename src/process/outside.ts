import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Runs a function outside any caller's async context: what a shell's start creates (process, sockets, timers) outlives the caller, and must
 * not carry its AsyncLocalStorage stores into the commands of others.
 */
export const outside: <T>(run: () => T) => T = AsyncLocalStorage.snapshot();
