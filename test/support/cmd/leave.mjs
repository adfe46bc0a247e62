/** What leaves a batch file: `exit /b`, `goto :eof`, the start of another one. */
export class Leave extends Error {}
