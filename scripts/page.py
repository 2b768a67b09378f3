#!/usr/bin/env python3
"""Opens the page of a snapshot in a headless Chromium, from its file, and tries it as a person would.

usage: page.py SNAPSHOT [PICTURES]

SNAPSHOT is a folder with index.html; PICTURES, where pictures of the page are kept. Exits with 1 when anything is wrong: a
word on the console, a request to anywhere, a search or a sort that does not do what it says, a page wider than its window,
a text that is too faint. Needs Python and Chromium, nothing else.
"""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

NAMES = ["chromium", "chromium-browser", "google-chrome", "chrome"]
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-pipe",
]
# The last seconds that a browser is given to answer.
PATIENCE = 60


class Browser:
    """Chromium at the other end of two pipes: messages of its protocol, each ended by a zero byte."""

    def __init__(self, profile):
        program = next(filter(None, map(shutil.which, NAMES)), None)
        if program is None:
            sys.exit("page.py: no Chromium is installed")
        (to_read, self.to), (self.answers, to_write) = os.pipe(), os.pipe()
        # The browser reads from descriptor 3 and writes to 4.
        start = ["sh", "-c", f'exec "$@" 3<&{to_read} 4>&{to_write}', "sh", program, *FLAGS, f"--user-data-dir={profile}"]
        self.process = subprocess.Popen(start, pass_fds=(to_read, to_write), stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        os.set_blocking(self.answers, False)
        self.rest, self.number, self.events, self.session = b"", 0, [], None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.ask(f"{domain}.enable")

    def ask(self, method, **parameters):
        """Sends a message and waits for its answer; what happens meanwhile is kept in `events`."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for answer in self.read():
                if answer.get("id") == self.number:
                    if "error" in answer:
                        sys.exit(f"page.py: {method}: {answer['error']['message']}")
                    return answer["result"]
                self.events.append(answer)
        sys.exit(f"page.py: {method}: no answer")

    def read(self):
        try:
            piece = os.read(self.answers, 1 << 20)
        except BlockingIOError:
            time.sleep(0.005)
            return []
        *whole, self.rest = (self.rest + piece).split(b"\0")
        return [json.loads(message) for message in whole]

    def run(self, script):
        """What a script on the page gives."""
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            sys.exit(f"page.py: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def open(self, path, width, scheme="light", scripts=True):
        self.ask("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
        self.ask("Page.navigate", url=path.resolve().as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events += self.read()
        loaded, self.events = self.events, []
        return loaded

    def picture(self, path):
        answer = self.ask("Page.captureScreenshot", captureBeyondViewport=True, format="png")
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        # A picture can be only so high.
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 12_000), "scale": 1}
        answer = self.ask("Page.captureScreenshot", captureBeyondViewport=True, format="png", clip=clip)
        path.write_bytes(base64.b64decode(answer["data"]))

    def print(self, path):
        path.write_bytes(base64.b64decode(self.ask("Page.printToPDF", printBackground=True, paperWidth=8.27, paperHeight=11.69)["data"]))

    def close(self):
        self.session = None
        os.write(self.to, json.dumps({"id": 0, "method": "Browser.close"}).encode() + b"\0")
        self.process.wait(timeout=PATIENCE)


# Each gives a list of what is wrong.
SEARCH = """(() => {
  const wrong = [];
  for (const table of document.querySelectorAll("table[data-searchable]")) {
    const input = document.getElementById(`${table.id}-find`);
    const rows = [...table.tBodies[0].rows];
    const word = rows.at(-1).cells[1].textContent.trim().slice(0, 6);
    const find = (text) => { input.value = text; input.dispatchEvent(new Event("input")); return rows.filter((row) => !row.hidden); };
    const found = find(word);
    const expected = rows.filter((row) => word.toLowerCase().split(/\\s+/).every((part) => row.textContent.toLowerCase().includes(part)));
    if (found.length !== expected.length || found.some((row, at) => row !== expected[at])) wrong.push(`${table.id}: ${word} finds ${found.length} of ${expected.length} rows`);
    if (find("no such words anywhere").length) wrong.push(`${table.id}: what is not there is found`);
    if (find("").length !== rows.length) wrong.push(`${table.id}: not all rows come back`);
  }
  return wrong;
})()"""

SORT = """(() => {
  const wrong = [];
  for (const table of document.querySelectorAll("table.sortable")) {
    for (const button of table.querySelectorAll("thead button")) {
      const head = button.closest("th");
      for (const order of ["ascending", "descending"]) {
        button.click();
        if (head.getAttribute("aria-sort") !== order) wrong.push(`${table.id}: ${head.textContent} says ${head.getAttribute("aria-sort")}`);
        if (head.dataset.sort !== "number") continue;
        const values = [...table.tBodies[0].rows].map((row) => parseFloat((row.cells[head.cellIndex].dataset.value ?? row.cells[head.cellIndex].textContent).replaceAll(",", ""))).map((value) => Number.isNaN(value) ? -Infinity : value);
        const sorted = [...values].sort((one, two) => order === "ascending" ? one - two : two - one);
        if (values.some((value, at) => value !== sorted[at])) wrong.push(`${table.id}: ${head.textContent} is not ${order}`);
      }
    }
  }
  return wrong;
})()"""

FIT = """(() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  return wide > 0 ? [`the page is ${wide} pixels wider than its window`] : [];
})()"""

STRUCTURE = """(() => {
  const wrong = [];
  let last = 0;
  for (const head of document.querySelectorAll("h1, h2, h3, h4")) {
    const level = Number(head.tagName[1]);
    if (level > last + 1) wrong.push(`${head.tagName} ${head.textContent.trim()} follows h${last}`);
    last = level;
  }
  if (document.querySelectorAll("h1").length !== 1 || document.querySelectorAll("main").length !== 1) wrong.push("there is not one h1 and one main");
  for (const table of document.querySelectorAll("table")) if (!table.caption) wrong.push("a table has no caption");
  for (const th of document.querySelectorAll("th")) if (!th.scope) wrong.push(`${th.textContent} has no scope`);
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  if (new Set(ids).size !== ids.length) wrong.push("an id is used twice");
  for (const link of document.querySelectorAll("a[href^='#']")) if (!document.getElementById(link.hash.slice(1))) wrong.push(`${link.hash} leads nowhere`);
  for (const name of ["aria-labelledby", "aria-describedby"]) for (const element of document.querySelectorAll(`[${name}]`)) if (!document.getElementById(element.getAttribute(name))) wrong.push(`${name} ${element.getAttribute(name)} leads nowhere`);
  return wrong;
})()"""

CONTRAST = """(() => {
  const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const over = (colors) => {
    paint.clearRect(0, 0, 1, 1);
    for (const color of colors) { paint.fillStyle = color; paint.fillRect(0, 0, 1, 1); }
    return paint.getImageData(0, 0, 1, 1).data;
  };
  const light = (data) => [...data].slice(0, 3).map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4).reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const wrong = new Map();
  for (const details of document.querySelectorAll("details")) details.open = true;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility() || element.closest(".vh, .skip, script, style")) continue;
    const grounds = [];
    for (let at = element; at; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor);
    const style = getComputedStyle(element);
    const ink = element.closest("svg") ? style.fill : style.color;
    const [one, two] = [light(over(["#fff", ...grounds])), light(over(["#fff", ...grounds, ink]))];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < 4.5) wrong.set(`${element.tagName}.${element.getAttribute("class")}`, `${ratio.toFixed(2)} ${element.textContent.trim().slice(0, 30)}`);
  }
  return [...wrong].map(([name, text]) => `too faint: ${name} ${text}`);
})()"""

LANGUAGE = """(() => {
  const seen = (name) => [...document.querySelectorAll(`h2 .${name}`)].filter((element) => element.checkVisibility()).length;
  const wrong = [];
  document.getElementById("zh").click();
  if (!seen("z") || seen("e")) wrong.push("Chinese is chosen and not shown alone");
  document.getElementById("en").click();
  if (seen("z") || !seen("e")) wrong.push("English is chosen and not shown alone");
  return wrong;
})()"""


def said(events, page):
    """What a browser complains of, and what a page asks for but itself and its companions."""
    wrong = []
    for event in events:
        method, of = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            wrong.append(of["exceptionDetails"].get("exception", {}).get("description", "an exception"))
        elif method == "Runtime.consoleAPICalled":
            wrong.append(f"console: {of['args']}")
        elif method == "Log.entryAdded":
            wrong.append(f"log: {of['entry']['text']}")
        elif method == "Network.requestWillBeSent":
            url = of["request"]["url"]
            if url.split("#")[0] != page.resolve().as_uri() and not url.startswith("data:"):
                wrong.append(f"asks for {url}")
    return wrong


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder, pictures = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    pages = [folder / "index.html", *sorted((folder / "pages").glob("*.html"))[:3]]
    pages += sorted((folder / "pages").glob("coverage-*.html"))[:1]
    pages = list(dict.fromkeys(pages))
    wrong = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        for page in pages:
            tests = [(name, test) for name, test in globals().items() if name in ("STRUCTURE", "LANGUAGE", "SEARCH", "SORT", "FIT")]
            for width, scheme in [(1280, "light"), (1280, "dark"), (400, "light"), (400, "dark")]:
                found = said(browser.open(page, width, scheme), page)
                for language in ["zh", "en"]:
                    browser.run(f"document.getElementById('{language}').click()")
                    found += browser.run(FIT)
                    if pictures:
                        pictures.mkdir(parents=True, exist_ok=True)
                        browser.picture(pictures / f"{page.stem}-{width}-{scheme}-{language}.png")
                for _, test in tests:
                    found += browser.run(test)
                found += browser.run(CONTRAST)
                found += said(browser.events, page)
                wrong += [f"{page.name} {width} {scheme}: {text}" for text in found]
            # Without scripts everything is still there.
            found = said(browser.open(page, 1280, scripts=False), page)
            if pictures:
                browser.picture(pictures / f"{page.stem}-no-script.png")
                browser.open(page, 1280)
                browser.print(pictures / f"{page.stem}.pdf")
            wrong += [f"{page.name} without scripts: {text}" for text in found]
        browser.close()
    for text in wrong:
        print(text, file=sys.stderr)
    print(f"{len(pages)} pages, {len(wrong)} faults")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
