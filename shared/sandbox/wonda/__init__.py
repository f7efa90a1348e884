"""The sandbox of Wonda: Instagram and TikTok, carousels at once and single media by job."""

from shared.sandbox.wonda.provider import WondaSandbox

__all__ = ["WondaSandbox"]
