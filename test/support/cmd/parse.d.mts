export interface Command {
  readonly kind: string;
  readonly text?: string;
}
export function parse(nextLine: () => string | undefined): Command | null | undefined;
