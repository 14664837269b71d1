#!/usr/bin/env python3
"""Pages in headless Chromium that talk with S3 from another origin: with CORS rules it works, without them the page
sees a failure. A page tells what it saw by posting it to the server it came from."""

import base64
import hashlib
import http.server
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "clients"))
from client_lab import Emulator, case, equal, exchange, nothing_to_run, run_cases, skipped  # noqa: E402
from signing import Keys, presign, sign_form, signed_head  # noqa: E402

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if not CHROMIUM:
    skipped("browser", "chromium is not on this machine")
    nothing_to_run()

WAIT_SECONDS = 90
BUCKET = "browser"
LOCATION = b"<CreateBucketConfiguration><LocationConstraint>us-east-2</LocationConstraint></CreateBucketConfiguration>"
RULES = """<CORSConfiguration><CORSRule><AllowedOrigin>{origin}</AllowedOrigin><AllowedMethod>GET</AllowedMethod>
<AllowedMethod>PUT</AllowedMethod><AllowedMethod>POST</AllowedMethod><AllowedHeader>content-type</AllowedHeader>
<ExposeHeader>ETag</ExposeHeader></CORSRule></CORSConfiguration>"""

# Every step gives what the page saw: a status and a text, or "blocked" for what the browser keeps from it.
PAGE = """<!doctype html><meta charset="utf-8"><title>upload</title><body><script>
const work = WORK;
const seen = {};
async function step(name, url, options) {
  try {
    const answer = await fetch(url, options);
    seen[name] = [answer.status, await answer.text(), answer.headers.get("ETag")];
  } catch (error) {
    seen[name] = "blocked";
  }
}
function form() {
  const data = new FormData();
  for (const [name, value] of work.fields) data.append(name, value);
  data.append("file", new Blob(["by form"], {type: "text/plain"}), "é form.txt");
  return data;
}
function submit() {
  // A form that is submitted needs no CORS: the browser goes where the answer sends it.
  return new Promise((done) => {
    const frame = document.createElement("iframe");
    frame.name = "answer";
    document.body.append(frame);
    const element = document.createElement("form");
    Object.assign(element, {action: work.form, method: "post", enctype: "multipart/form-data", target: "answer"});
    for (const [name, value] of work.redirected) {
      const input = document.createElement("input");
      Object.assign(input, {type: "hidden", name, value});
      element.append(input);
    }
    const file = document.createElement("input");
    Object.assign(file, {type: "file", name: "file"});
    const files = new DataTransfer();
    files.items.add(new File(["submitted"], "s.txt", {type: "text/plain"}));
    file.files = files.files;
    element.append(file);
    document.body.append(element);
    window.addEventListener("message", (event) => { seen.submitted = event.data; done(); });
    element.submit();
  });
}
(async () => {
  await step("put", work.put, {method: "PUT", body: "by page", headers: {"Content-Type": "text/plain"}});
  await step("get", work.get);
  await step("missing", work.missing);
  await step("head_refused", work.put, {method: "PUT", body: "x", headers: {"X-Other": "1"}});
  await step("form", work.form, {method: "POST", body: form()});
  await submit();
  await fetch(work.report, {method: "POST", mode: "no-cors", body: JSON.stringify(seen)});
})();
</script>"""


class PageServer:
    """Gives the page and takes what it saw."""

    def __init__(self):
        self.page = ""
        self.seen = queue.Queue()
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, body):
                data = body.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self):
                path, _, query = self.path.partition("?")
                if path == "/done":  # where a submitted form's answer leads
                    told = json.dumps(dict(urllib.parse.parse_qsl(query)))
                    self.answer(f"<script>parent.postMessage({told}, '*')</script>")
                else:
                    self.answer(server.page if path == "/" else "")

            def do_POST(self):
                server.seen.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.answer("")

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def visit(self, url):
        """What the page at `url` posts to /seen."""
        profile = tempfile.mkdtemp(prefix="benchtop-browser.")
        with open(os.path.join(profile, "log"), "wb") as log:
            browser = subprocess.Popen(
                [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync",
                 "--disable-dev-shm-usage", "--no-proxy-server", "--remote-debugging-port=0",
                 f"--user-data-dir={profile}/data", url],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        try:
            return self.seen.get(timeout=WAIT_SECONDS)
        except queue.Empty:
            with open(os.path.join(profile, "log"), encoding="utf-8", errors="replace") as log:
                raise AssertionError(f"the page told nothing within {WAIT_SECONDS} s:\n{log.read()[-3000:]}") from None
        finally:
            browser.terminate()
            try:
                browser.wait(20)
            except subprocess.TimeoutExpired:
                browser.kill()
                browser.wait()
            shutil.rmtree(profile, ignore_errors=True)


lab = Emulator(sys.argv[1]).start()
keys = Keys.of(lab.environment)
host = f"127.0.0.1:{lab.port}"
pages = PageServer()


def signed(method, path, query=(), body=b"", headers=None):
    headers = dict(headers or {})
    if body:
        headers["content-md5"] = base64.b64encode(hashlib.md5(body).digest()).decode()
    return exchange(lab.port, signed_head(keys, method, host, path, query, body, headers) + body)


def stored(key):
    return signed("GET", f"/{BUCKET}/{urllib.parse.quote(key)}").body.decode()


def work(prefix):
    """What the page is to do, signed for it, below `prefix`."""
    redirect = f"{pages.origin}/done"
    return {
        "report": pages.origin + "/seen",
        "put": presign(keys, "PUT", host, f"/{BUCKET}/{prefix}/put.txt"),
        # Chromium resolves names below localhost: a bucket's own host.
        "get": presign(keys, "GET", f"{BUCKET}.localhost:{lab.port}", f"/{prefix}/put.txt"),
        "missing": presign(keys, "GET", host, f"/{BUCKET}/{prefix}/missing.txt"),
        "form": f"http://{host}/{BUCKET}",
        "fields": sign_form(keys, BUCKET, [("key", prefix + "/${filename}"), ("success_action_status", "201")]),
        "redirected": sign_form(keys, BUCKET, [("key", prefix + "/${filename}"), ("success_action_redirect", redirect)]),
    }


def seen_by_page(prefix):
    pages.page = PAGE.replace("WORK", json.dumps(work(prefix)))
    return pages.visit(pages.origin + "/")


def check_stored(prefix, seen):
    """What was stored does not depend on CORS where no preflight is needed."""
    equal(stored(f"{prefix}/é form.txt"), "by form")
    equal(stored(f"{prefix}/s.txt"), "submitted")
    equal({k: seen["submitted"][k] for k in ("bucket", "key")}, {"bucket": BUCKET, "key": f"{prefix}/s.txt"})


created = signed("PUT", f"/{BUCKET}", body=LOCATION)
equal(created.status, 200, repr(created))


@case
def without_rules_the_page_sees_failures():
    """No CORS configuration: the PUT is not even sent, answers stay hidden, a submitted form works."""
    seen = seen_by_page("closed")
    for name in ("put", "get", "missing", "head_refused", "form"):
        equal(seen[name], "blocked", name)
    equal(signed("GET", f"/{BUCKET}/closed/put.txt").status, 404, "a PUT whose preflight was refused")
    check_stored("closed", seen)


@case
def with_rules_the_page_works():
    """CORS rules for the page's origin: PUT, GET, form, and refusals that can be read."""
    rules = RULES.format(origin=pages.origin).encode()
    equal(signed("PUT", f"/{BUCKET}", [("cors", "")], rules).status, 200)
    seen = seen_by_page("open")
    equal(seen["put"], [200, "", f'"{hashlib.md5(b"by page").hexdigest()}"'], "the ETag is exposed")
    equal(seen["get"][:2], [200, "by page"])
    equal(seen["missing"][0], 404)
    assert "<Code>NoSuchKey</Code>" in seen["missing"][1], seen["missing"]
    equal(seen["head_refused"], "blocked", "a header the rules do not allow")
    equal(seen["form"][0], 201)
    assert "<Key>open/é form.txt</Key>" in seen["form"][1], seen["form"]
    equal(stored("open/put.txt"), "by page")
    check_stored("open", seen)


@case
def a_website_of_one_bucket_uploads_into_another():
    """The page comes from Benchtop's own website endpoint, which is another origin than the bucket's."""
    site = f"http://page-site.s3-website.localhost:{lab.port}"
    rules = RULES.format(origin=site).encode()
    equal(signed("PUT", f"/{BUCKET}", [("cors", "")], rules).status, 200)
    for path, query, body in (
            ("/page-site", [], LOCATION),
            ("/page-site", [("website", "")],
             b"<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>"),
            ("/page-site/app/index.html", [], PAGE.replace("WORK", json.dumps(work("site"))).encode())):
        equal(signed("PUT", path, query, body, {"content-type": "text/html"}).status, 200, path)
    equal(signed("DELETE", "/page-site", [("publicAccessBlock", "")]).status, 204)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                                                      "Resource": "arn:aws:s3:::page-site/*"}]}
    equal(signed("PUT", "/page-site", [("policy", "")], json.dumps(policy).encode()).status, 204)
    seen = pages.visit(site + "/app")  # redirected to /app/, where the index document is
    equal(seen["put"][:2], [200, ""])
    equal(seen["get"][:2], [200, "by page"])
    equal(seen["form"][0], 201)
    equal(stored("site/put.txt"), "by page")


run_cases(lab)
