"""A real mail server on this machine, which keeps what it is sent or refuses all."""

import email
import email.policy
import socket
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


@dataclass
class Mailbox:
    """What a mail server received."""

    port: int
    refusing: bool = False
    mails: list = field(default_factory=list)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  the library's name
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"

    def authenticate(self, server, session, envelope, mechanism, data):
        """Take any password; one that refuses repeats it, as careless servers do."""
        said = f"535 no such login: {data.login.decode()} {data.password.decode()}"
        return AuthResult(success=not self.refusing, handled=False, message=said)

    def address(self, user="ann", password="hunter2-secret"):  # noqa: S107  it is meant to be found
        return (
            f"mailto://{user}:{password}@127.0.0.1:{self.port}"
            "?from=baap@example.org&to=list@example.org&mode=insecure"
        )

    @property
    def subjects(self):
        return [mail["Subject"] for mail in self.mails]

    def part(self, kind, number=-1):
        """Return a part of a mail: `plain` or `html`."""
        return self.mails[number].get_body((kind,)).get_content().replace("\r\n", "\n")


def start():
    """Return a mail server that runs, and what it receives."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box = Mailbox(free.getsockname()[1])
    server = Controller(
        box, "127.0.0.1", box.port, auth_require_tls=False, authenticator=box.authenticate
    )
    server.start()
    return server, box
