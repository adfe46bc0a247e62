/** A command, and the only right answer to it. */
export interface Question {
  readonly command: string;
  readonly answer: string;
}

let asked = 0;

/** No two alike, so that an answer to another command is seen. */
export function nextQuestion(): Question {
  const answer = `answer-${(asked++).toString(36)}`;
  return { command: `echo ${answer}`, answer };
}

/** One of 100 characters, as many commands are: the rest is a comment. */
export function longerQuestion(): Question {
  const { command, answer } = nextQuestion();
  return { command: `${command} # `.padEnd(100, 'a word or two, '), answer };
}

/** @throws {Error} when the answer is another */
export function expectAnswer({ command, answer }: Question, got: string | undefined): void {
  if (got !== answer) throw new Error(`${command} gave ${got === undefined ? 'nothing' : JSON.stringify(got)}`);
}

/** Without the newline that `echo` adds: every library has its own habit. */
export function withoutNewline(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
