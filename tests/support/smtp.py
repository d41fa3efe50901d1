"""A mail server of one's own that keeps what it was given, or misbehaves as asked."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator

# What it does: take mails, or stop speaking at a point of the conversation, or refuse.
MOODS = (
    "well",
    "silent",
    "silent after data",
    "silent after body",
    "silent at quit",
    "refuses recipient",
    "busy",
    "drops at quit",
)


class SmtpSink(socketserver.ThreadingTCPServer):
    """Speak enough of RFC 5321 for one mail at a time; ``mood`` may change between mails."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.mood = "well"
        self.taken: list[str] = []
        self.calls = 0
        self.over = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Conversation(socketserver.StreamRequestHandler):
    server: SmtpSink

    def handle(self) -> None:
        self.server.calls += 1
        with contextlib.suppress(OSError):
            self._talk()

    def _talk(self) -> None:
        if self.server.mood == "silent":
            self._hang()
            return
        self._say("220 sink")
        while line := self.rfile.readline():
            verb = line.decode().strip().upper()[:4]
            if verb in {"EHLO", "HELO", "MAIL", "RSET", "NOOP"}:
                self._say("250 fine")
            elif verb == "RCPT":
                answers = {"refuses recipient": "550 no such box", "busy": "450 later"}
                self._say(answers.get(self.server.mood, "250 fine"))
            elif verb == "DATA":
                if not self._take():
                    return
            elif verb == "QUIT":
                if self.server.mood == "silent at quit":
                    self._hang()
                elif self.server.mood != "drops at quit":
                    self._say("421 odd goodbye")
                return

    def _take(self) -> bool:
        if self.server.mood == "silent after data":
            self._hang()
            return False
        self._say("354 go on")
        body = b""
        while not body.endswith(b"\r\n.\r\n"):
            body += self.rfile.readline()
        self.server.taken.append(body.decode())
        if self.server.mood == "silent after body":
            self._hang()
            return False
        self._say("250 taken")
        return True

    def _hang(self) -> None:
        self.server.over.wait(30)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextlib.contextmanager
def smtp_sink() -> Iterator[SmtpSink]:
    """Run a mail server for a while."""
    with SmtpSink() as sink:
        thread = threading.Thread(target=sink.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield sink
        finally:
            sink.over.set()
            sink.shutdown()
            thread.join()
