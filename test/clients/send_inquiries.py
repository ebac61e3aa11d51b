"""Sends mails of customers by LMTP, as a mail server would: send_mail.py HOST:PORT some|failures.

Exit code 0 when every mail was answered as it should be.
"""
import smtplib
import sys
from email.message import EmailMessage

SUPPORT = "support@example.jp"


def mail(sender, subject, text, **headers):
    message = EmailMessage()
    message["From"] = sender
    message["To"] = SUPPORT
    message["Subject"] = subject
    message["Message-ID"] = f"<{abs(hash((sender, subject)))}@example.jp>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def refusal(action):
    """The code of the refusal, 0 when there was none."""
    try:
        action()
        return 0
    except smtplib.SMTPResponseException as refused:
        return refused.smtp_code
    except smtplib.SMTPRecipientsRefused as refused:
        return next(iter(refused.recipients.values()))[0]


def some(server):
    first = mail("Aki <aki@example.jp>", "注文が約定しません", "口座番号: 42\n.\n点の行もあります\n")
    server.send_message(first, from_addr="aki@example.jp")
    server.send_message(first, from_addr="aki@example.jp")  # Once more: the same inquiry.
    html = mail("ben@example.jp", "Help", "")
    html.set_content("<p>My <b>withdrawal</b> is late<script>alert(1)</script></p>", subtype="html")
    html.add_attachment(b"\x00" * 1000, maintype="image", subtype="png", filename="a.png")
    server.send_message(html, from_addr="ben@example.jp")
    away = mail("chie@example.jp", "Away", "I am away.", Auto_Submitted="auto-replied")
    server.send_message(away, from_addr="")
    unknown = refusal(lambda: server.sendmail("a@example.jp", ["root@example.jp"], b"x"))
    assert unknown == 550, unknown
    large = refusal(lambda: server.sendmail("a@example.jp", [SUPPORT], b"x\r\n" * 200_000))
    assert large == 552, large
    server.noop()


def failures(server):
    for account in range(100, 112):
        sender = f"c{account}@example.jp"
        server.send_message(mail(sender, "Order lost", f"Account {account}: my order failed."),
                            from_addr=sender)


def main():
    host, port = sys.argv[1].rsplit(":", 1)
    with smtplib.LMTP(host, int(port)) as server:
        server.ehlo_or_helo_if_needed()
        assert server.has_extn("pipelining") and server.has_extn("8bitmime")
        {"some": some, "failures": failures}[sys.argv[2]](server)


main()
