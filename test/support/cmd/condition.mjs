import { existsSync } from 'node:fs';

/** Whether the condition of an `if` holds, but for its `not`. */
export function holds({ test, left, right, ignoreCase }, shell) {
  const [a, b] = ignoreCase ? [left.toLowerCase(), right?.toLowerCase()] : [left, right];
  switch (test) {
    case 'errorlevel':
      return shell.level >= Number(left);
    case 'exist':
      return existsSync(left.replaceAll('"', ''));
    case 'defined':
      return shell.variable(left) !== undefined;
    case '==':
      return a === b;
    default:
      return compares(test, order(a, b));
  }
}

/** As numbers where both are. */
function order(a, b) {
  if (/^-?\d+$/.test(a) && /^-?\d+$/.test(b)) return Math.sign(a - b);
  return a < b ? -1 : Number(a > b);
}

function compares(sign, order) {
  const holding = { equ: [0], neq: [-1, 1], lss: [-1], leq: [-1, 0], gtr: [1], geq: [0, 1] };
  return holding[sign].includes(order);
}
