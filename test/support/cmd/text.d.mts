export interface Place {
  batch: boolean;
  variable(name: string): string | undefined;
  argument(name: string): string;
}
export function expandPercents(line: string, place: Place): string;
export function argumentsOf(line: string): string[];
