import type { ContractScripts } from 'shellwright/testing';

export const pythonScripts: ContractScripts = {
  write: (quoted, stream) => `import sys; sys.${stream}.write(${quoted}); None`,
  keep: (quoted) => `kept = ${quoted}`,
  recall: 'import sys; sys.stdout.write(kept); None',
  fail: 'raise ValueError("no")',
  broken: ['(', 'if True:', 'def f(', '"""', "'", ')', 'x = = 1', '  indented', 'return 1', 'f"{"', 'print "x"', '\\'],
  exit: (status) => `import sys; sys.exit(${status})`,
  killed: 'import os; os.kill(os.getpid(), 9)',
  endless: {
    'a loop that computes': 'print("ready", end="")\nwhile True: pass',
    'a sleep': 'import time\nprint("ready", end="")\ntime.sleep(100)',
    'a function in a function': 'def f():\n  while True: pass\ndef g(): f()\nprint("ready", end="")\ng()',
    'a child': 'import subprocess\nsubprocess.run(["sh", "-c", "printf ready; sleep 100"])',
    'a thread that is waited for':
      'import threading, time\nthreading.Thread(target=time.sleep, args=(0.3,)).start()\nprint("ready", end="")\nthreading.Event().wait()',
    'a repr': 'class Slow:\n  def __repr__(self):\n    print("ready", end="")\n    while True: pass\nSlow()',
  },
  stubborn: 'import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint("ready", end="")\nwhile True: pass',
  copyStdin: 'import sys; sys.stdout.write(sys.stdin.read()); None',
  everyByte: 'import sys; sys.stdout.buffer.write(bytes(range(256))); None',
  large: (bytes) => `import sys; sys.stdout.write("x" * ${bytes}); None`,
  child: 'import subprocess\nsubprocess.run(["sh", "-c", "printf out; printf err >&2"]); None',
  late: 'import threading; threading.Timer(0.2, lambda: print("late", end="")).start()',
  values: {
    '1 + 1': '2',
    "'a' * 3": "'aaa'",
    None: undefined,
    'x = 5': undefined,
    '[1, "two", None]': "[1, 'two', None]",
    '"日本 \\udc80\\n"': "'日本 \\udc80\\n'",
  },
};
