"""What the browser tests of writing share: two people, a report, pages kept honest."""

from django.urls import reverse


class Writer:
    """One person in one browser: pages by name, complaints of the browser collected."""

    def __init__(self, page, live_server, client, user):
        self.live_server = live_server
        self.complaints: list[str] = []
        self._use(page)
        client.force_login(user)
        self.session = client.cookies["sessionid"].value
        page.context.add_cookies(
            [{"name": "sessionid", "value": self.session, "url": live_server.url}]
        )

    def _use(self, page):
        self.page = page
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._listen)

    def crash(self):
        """Lose the page; a page that is only left may be kept and go on sending."""
        context = self.page.context
        self.page.close()
        self._use(context.new_page())

    def _listen(self, line):
        if "Policy" in line.text:
            self.complaints.append(line.text)

    def open(self, name, *args):
        return self.page.goto(self.live_server.url + reverse(name, args=args))

    def form(self, key):
        return self.page.locator(f"#text-{key} form")

    def box(self, key):
        return self.page.locator(f"#id_{key}_text")

    def status(self, key):
        return self.form(key).locator("[data-autosave-status]")

    def wait_for_status(self, key, words):
        self.status(key).filter(has_text=words).wait_for(timeout=15_000)
