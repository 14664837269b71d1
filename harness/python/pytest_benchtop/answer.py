"""An HTTP answer as a test looks at it."""

import json
import xml.etree.ElementTree as ElementTree


class Answer:
    """Status, headers, body; an error is an answer like any other."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The error's code, in XML or JSON; None without one."""
        return self._error("Code", "__type", "code")

    @property
    def message(self):
        """The error's message, in XML or JSON; None without one."""
        return self._error("Message", "message")

    def refused(self, why=None):
        """True when it was refused; with `why`, when that is the error's message or its code."""
        return self.status >= 400 and why in (None, self.message, self.code)

    def _error(self, *names):
        try:
            if self.body.lstrip().startswith(b"<"):
                root = ElementTree.fromstring(self.body)
                found = [root.findtext(f".//{name}") for name in names]
            else:
                document = self.json()
                found = [document.get(name) for name in names] if isinstance(document, dict) else []
        except (ElementTree.ParseError, ValueError):
            return None
        return next((text for text in found if text is not None), None)

    def __repr__(self):
        return f"<Answer {self.status} {self.text[:500]!r}>"
