"""The sandbox of WAHDX: TikTok by status, Instagram, Threads and Facebook at once."""

from shared.sandbox.wahdx.provider import WahdxSandbox

__all__ = ["WahdxSandbox"]
