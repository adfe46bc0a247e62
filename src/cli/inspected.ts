import type { Pool } from '../index.ts';
import { isShellwrightError } from '../errors.ts';
import type { InspectInvocation } from './invocation.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/**
 * Opens the inspector and says where it is.
 * @throws {UsageError} for a port that cannot be had
 */
export async function inspected(
  pool: Pool,
  { port, open, showCommands }: InspectInvocation,
  terminal: Terminal,
): Promise<AsyncDisposable> {
  // Loaded where it is wanted: who only runs commands is not to wait for it.
  const { createInspector } = await import('../inspector/index.ts');
  try {
    const inspector = await createInspector(pool, { port, open, showCommands });
    terminal.note(`inspector at ${inspector.url}`);
    return inspector;
  } catch (error) {
    throw isShellwrightError(error) ? new UsageError(`Cannot open the inspector: ${error.message}`) : error;
  }
}
