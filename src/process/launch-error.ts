/** Why a process could not be started. `fatal`: trying again cannot help. */
export class LaunchError extends Error {
  readonly fatal: boolean;

  constructor(message: string, fatal: boolean, cause?: unknown) {
    super(message, { cause });
    this.fatal = fatal;
  }
}

/** A lack of memory, processes or descriptors may pass; a missing program, permission, folder or user does not come back by waiting. */
const passing = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM', 'ETXTBSY']);

/** Whether what failed may succeed later, as nothing has to be mended for it. */
export function mayPass(error: unknown): boolean {
  return passing.has((error as NodeJS.ErrnoException | undefined)?.code ?? '');
}
