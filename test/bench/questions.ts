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
