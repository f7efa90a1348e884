"""A media host on loopback that knows ranges, as a CDN does, and notes what it was asked for."""

from collections.abc import Callable

from tests.support.scripted import Received, Reply, Scripted


def serves(
    content: bytes, content_type: str = "image/jpeg", *, ranges: bool = True
) -> Callable[[Received], Reply]:
    """Answer with the stretch that is asked for."""

    def answer(request: Received) -> Reply:
        headers = {"Content-Type": content_type}
        asked = request.headers.get("range", "")
        if not ranges or not asked.startswith("bytes="):
            return Reply(body=content, headers=headers)
        first, _, last = asked.removeprefix("bytes=").partition("-")
        start, end = int(first), min(int(last) + 1, len(content))
        if start >= len(content):
            return Reply(status=416, headers={"Content-Range": f"bytes */{len(content)}"})
        span = f"bytes {start}-{end - 1}/{len(content)}"
        return Reply(
            status=206, body=content[start:end], headers={"Content-Range": span, **headers}
        )

    return answer


def host_file(host: Scripted, path: str, content: bytes, content_type: str = "image/jpeg") -> str:
    """Put a file there and return its URL."""
    host.on("GET", path, serves(content, content_type))
    return f"{host.url}{path}"
