"""The reference app on Twisted Web: `python3 twisted_web.py PORT`."""

import json
import os
import resource as rusage
import sys

from twisted.internet import reactor
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site
from twisted.web.static import File

BODY_BYTES = 16 * 1024 * 1024
PIECE = b"x" * (64 * 1024)
counts = {"pending": 0, "cancelled": 0, "finished": 0}


def plain(request, body):
    request.setHeader(b"content-type", b"text/plain")
    request.setHeader(b"content-length", b"%d" % len(body))
    return body


def number(request, name):
    return int(request.args.get(name, [b"0"])[0])


def track(request, undo):
    counts["pending"] += 1

    def finished(_):
        counts["pending"] -= 1
        counts["finished"] += 1

    def left(_):
        counts["pending"] -= 1
        counts["cancelled"] += 1
        undo()

    request.notifyFinish().addCallbacks(finished, left)


class Text(Resource):
    isLeaf = True

    def __init__(self, body):
        super().__init__()
        self.body = body

    def render_GET(self, request):
        return plain(request, self.body)


class Root(Resource):
    def getChild(self, name, request):
        return self if name == b"" else super().getChild(name, request)

    def render_GET(self, request):
        return plain(request, b"Hello World\n")


class Users(Resource):
    def getChild(self, name, request):
        return Text(b"user " + name + b"\n")


class Echo(Resource):
    isLeaf = True

    def render(self, request):
        body = request.content.read(BODY_BYTES + 1)
        if len(body) > BODY_BYTES:
            request.setResponseCode(413)
            return b""
        request.setHeader(b"content-type", b"application/octet-stream")
        request.setHeader(b"content-length", b"%d" % len(body))
        request.setHeader(b"x-method", request.method)
        return body


class Sink(Resource):
    """Twisted has read the whole body, into a file when it is large, before it renders."""

    isLeaf = True

    def render_POST(self, request):
        return plain(request, b"%d\n" % request.content.seek(0, 2))


class Held(Resource):
    isLeaf = True

    def render_GET(self, request):
        def answer():
            request.write(plain(request, b"done\n"))
            request.finish()

        call = reactor.callLater(number(request, b"ms") / 1000, answer)
        track(request, call.cancel)
        return NOT_DONE_YET


class Pieces:
    """A pull producer: Twisted asks for a piece when the last one has left."""

    def __init__(self, request, left):
        self.request = request
        self.left = left

    def resumeProducing(self):
        if self.left == 0:
            self.request.unregisterProducer()
            self.request.finish()
            return
        piece = PIECE[: self.left]
        self.left -= len(piece)
        self.request.write(piece)

    def stopProducing(self):
        self.left = 0


class Stream(Resource):
    isLeaf = True

    def render_GET(self, request):
        request.setHeader(b"content-type", b"application/octet-stream")
        track(request, lambda: None)
        request.registerProducer(Pieces(request, number(request, b"bytes")), False)
        return NOT_DONE_YET


class Stats(Resource):
    isLeaf = True

    def render_GET(self, request):
        rss = rusage.getrusage(rusage.RUSAGE_SELF).ru_maxrss * 1024
        return plain(request, json.dumps({**counts, "rss": rss, "heap": 0}).encode())


def tree():
    top = node = Resource()
    for name in (b"a", b"b", b"c"):
        child = Resource()
        node.putChild(name, child)
        node = child
    node.putChild(b"d", Text(b"leaf\n"))
    return top


def main():
    root = Root()
    for name, child in (
        (b"echo", Echo()),
        (b"sink", Sink()),
        (b"user", Users()),
        (b"tree", tree()),
        (b"held", Held()),
        (b"stream", Stream()),
        (b"stats", Stats()),
        (b"static", File(os.environ.get("STATIC_DIR", "."))),
    ):
        root.putChild(name, child)
    site = Site(root)
    site.log = lambda request: None
    port = reactor.listenTCP(int(sys.argv[1]), site, interface="127.0.0.1", backlog=4096)
    print(f"ready: http://127.0.0.1:{port.getHost().port}/", flush=True)
    reactor.run()


main()
