/**
 * What runs inside Python 3.8 and later, as the text of a function `drive(secret, both, codes)` that does not return.
 *
 * A record is a line, `tag length length`, and as many bytes of text and of extras (JSON). The program has its own stdin, stdout and stderr
 * (0, 1 and 2, put back before each command) and never those of the driver, which are duplicates that children do not get.
 */
export const pythonDriver = String.raw`
import ast, binascii, builtins, io, os, signal, sys
# The program may change what builtins hold.
globals().update(vars(builtins), __name__='shellwright')

def drive(secret, both, codes):
    main = sys.modules['__main__'].__dict__
    pid = os.getpid()
    write, dup2, set_blocking = os.write, os.dup2, getattr(os, 'set_blocking', None)
    flags = [0]

    def keep(fd):
        try:
            import fcntl
            return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 200)
        except (ImportError, OSError):
            return os.dup(fd)

    def identity(fd):
        found = os.fstat(fd)
        return found.st_dev, found.st_ino, found.st_rdev

    opened = os.open(os.devnull, os.O_RDWR)
    channel, out, err, null = keep(0), keep(1), keep(2), keep(opened)
    os.close(opened)
    ends = [(fd, identity(fd)) for fd in (channel, out, err, null)]

    # --- the program's own streams ---

    class Unbuffered(io.BufferedWriter):
        # As under python -u, so that output is live and in order with that of children; but whole also where a signal comes in between.
        def write(self, data):
            length = super().write(data)
            self.flush()
            return length

    def renew(name, fd, errors):
        stream = Unbuffered(open(fd, 'wb', 0, closefd=False))
        text = io.TextIOWrapper(stream, encoding='utf-8', errors=errors, write_through=True)
        text.mode = 'w'
        setattr(sys, name, text)
        setattr(sys, '__' + name + '__', text)

    def restore():
        dup2(null, 0)
        dup2(out, 1)
        dup2(err, 2)
        if set_blocking:
            # A program that shared the pipe may have left it so that a write fails where it should wait.
            set_blocking(out, True)
            set_blocking(err, True)
        if sys.stdin is sys.__stdin__ and sys.stdin.closed:
            sys.stdin = sys.__stdin__ = open(0, closefd=False)
        if sys.stdout is sys.__stdout__ and sys.stdout.closed:
            renew('stdout', 1, 'surrogateescape')
        if sys.stderr is sys.__stderr__ and sys.stderr.closed:
            renew('stderr', 2, 'backslashreplace')

    def flush():
        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            try:
                stream.flush()
            except BaseException:
                pass

    # --- interrupts ---

    class State:
        running = False
        # An interrupt came between commands: it was meant for the next one, unless the tag of that says that it was sent to an earlier one.
        pending = False
        count = 0

    def interrupted(_, frame):
        # Only where a frame of the program stands above ours it ends there, and so in the handler around it.
        above = frame
        while above is not None and above.f_code is not run.__code__:
            above = above.f_back
        if State.running and above is not None and above is not frame:
            raise KeyboardInterrupt
        State.pending = True

    # --- a command ---

    def compiled(text):
        State.count += 1
        name = '<command %d>' % State.count
        keep_source(name, text)
        tree = compile(text, name, 'exec', ast.PyCF_ONLY_AST | flags[0], True)
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            last = ast.Expression(tree.body.pop().value)
        body = compile(tree, name, 'exec', flags[0], True)
        if last is not None:
            last = compile(last, name, 'eval', flags[0] | body.co_flags & future, True)
        # What a command has imported from __future__ holds for those after it.
        flags[0] |= body.co_flags & future
        return body, last

    future = 0
    import __future__
    for feature in __future__.all_feature_names:
        future |= getattr(__future__, feature).compiler_flag

    sources = []

    def keep_source(name, text):
        # For the lines in tracebacks; of the last commands only, since functions of older ones are rare and memory is not.
        import linecache
        if len(text) > 100000:
            return
        linecache.cache[name] = (len(text), None, text.splitlines(True), name)
        sources.append(name)
        if len(sources) > 100:
            linecache.cache.pop(sources.pop(0), None)

    def show(error):
        traceback = error.__traceback__
        while traceback is not None and traceback.tb_frame.f_globals is globals():
            traceback = traceback.tb_next
        # The last frames may be of the driver again: of the handler of an interrupt, of a write.
        entry = traceback
        while entry is not None:
            if entry.tb_next is not None and entry.tb_next.tb_frame.f_globals is globals():
                entry.tb_next = None
            entry = entry.tb_next
        try:
            if sys.excepthook is not sys.__excepthook__:
                sys.excepthook(type(error), error, traceback)
            else:
                import traceback as module
                sys.stderr.write(''.join(module.format_exception(type(error), error, traceback)))
        except BaseException:
            put(err, (type(error).__name__ + '\n').encode())

    def run(text, skip):
        shown = None
        try:
            body, last = compiled(text)
            State.running = True
            if skip or State.pending:
                raise KeyboardInterrupt
            exec(body, main)
            if last is not None:
                value = eval(last, main)
                if value is not None:
                    shown = repr(value)
                    del value
        except SystemExit:
            raise
        except BaseException as error:
            State.running = False
            show(error)
            return (130 if isinstance(error, KeyboardInterrupt) else 1), None
        State.running = False
        return 0, shown

    # --- what a command has of its own ---

    def furnish(own):
        undo = []
        if own.get('cwd') is not None:
            try:
                before = os.open('.', os.O_RDONLY)
                undo.append(lambda: (os.fchdir(before), os.close(before)))
                os.chdir(own['cwd'])
            except OSError as error:
                put(err, ('cd: %s\n' % error.strerror).encode())
                return codes['noCwd'], undo
        if own.get('input') is not None:
            try:
                given = os.open(own['input'], os.O_RDONLY)
            except OSError:
                return codes['noFile'], undo
            dup2(given, 0)
            os.close(given)
            program, sys.stdin = sys.stdin, open(0, closefd=False)
            undo.append(lambda: setattr(sys, 'stdin', program))
        if own.get('merge'):
            dup2(out, 2)
        for name, value in (own.get('env') or {}).items():
            was = os.environ.get(name)
            os.environ[name] = value
            undo.append(lambda name=name, was=was: os.environ.pop(name, None) if was is None else os.environ.__setitem__(name, was))
        return 0, undo

    # --- records and fences ---

    buffered = b''

    def more():
        nonlocal buffered
        data = os.read(channel, 65536)
        buffered += data
        return data

    def take_line():
        nonlocal buffered
        while True:
            end = buffered.find(b'\n')
            if end >= 0:
                line, buffered = buffered[:end], buffered[end + 1:]
                return line
            if not more():
                return None

    def take(length):
        nonlocal buffered
        parts, have = [buffered], len(buffered)
        while have < length:
            data = os.read(channel, 65536)
            if not data:
                raise SystemExit(0)
            parts.append(data)
            have += len(data)
        whole = b''.join(parts)
        buffered = whole[length:]
        return whole[:length].decode('utf-8', 'replace')

    def put(fd, data):
        while data:
            try:
                data = data[write(fd, data):]
            except BlockingIOError:
                set_blocking(fd, True)

    def last_child():
        try:
            with open('/proc/self/task/%d/children' % pid, 'rb', 0) as file:
                return (file.read().split() or [b''])[-1].decode()
        except OSError:
            return ''

    def answer(tag, status, shown):
        if any(identity(fd) != end for fd, end in ends):
            raise OSError
        marker = b'\0' + secret.encode() + tag + b' '
        if shown is not None:
            data = shown.encode('utf-8', 'backslashreplace')
            for start in range(0, len(data) or 1, 2700):
                put(out, marker + b'=' + binascii.b2a_base64(data[start:start + 2700]))
        put(out, marker + ('%d %s \n' % (status, last_child())).encode())
        if both:
            put(err, marker + b'\n')

    signal.signal(signal.SIGINT, interrupted)
    sys.argv = ['']
    for name in [name for name in main if not name.startswith('__')]:
        del main[name]
    renew('stdout', 1, 'surrogateescape')
    renew('stderr', 2, 'backslashreplace')

    while True:
        head = take_line()
        if head is None:
            sys.exit(0)
        tag, length, extras = head.split()
        text = take(int(length))
        own = take(int(extras))
        skip = State.pending and not tag.endswith(b'!')
        State.pending = False
        restore()
        if own:
            import json
            lacked, undo = furnish(json.loads(own))
            status, shown = (lacked, None) if lacked else run(text, skip)
        else:
            undo = ()
            status, shown = run(text, skip)
        flush()
        if os.getpid() != pid:
            # The program has forked, and this is the child at its end.
            os._exit(status)
        for step in undo:
            try:
                step()
            except OSError:
                status += codes['displaced']
        try:
            answer(tag, status, shown)
        except OSError:
            os.write(2, b"the descriptors by which python() answers were taken\n")
            os._exit(1)
        text = shown = None
`;
