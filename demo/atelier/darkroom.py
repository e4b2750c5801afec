"""From what the camera saw to the file the site serves."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

SHADOW = (26, 18, 12)
QUALITY = 82


def flatten(shot: Path, out: Path, size: tuple[int, int] | None = None, quality: int = QUALITY) -> None:
    """Save a full-bleed picture."""
    image = Image.open(shot).convert("RGB")
    if size and image.size != size:
        image = image.resize(size, Image.Resampling.LANCZOS).filter(ImageFilter.UnsharpMask(1.6, 60, 2))
    _save(image, out, quality)


def lay_shadow(
    shot: Path, shadow: Path | None, out: Path, *, density: float = 0.85, size: tuple[int, int] | None = None
) -> None:
    """Put a cut-out picture over its own soft shadow, fading to nothing before the edge of the frame."""
    piece = Image.open(shot).convert("RGBA")
    if size and piece.size != size:
        piece = piece.resize(size, Image.Resampling.LANCZOS)
    if shadow is None:
        _save(piece, out, QUALITY)
        return
    alpha = np.asarray(Image.open(shadow).convert("RGBA"))[..., 3].astype(float) / 255
    h, w = alpha.shape
    rim = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
    haze = float(np.percentile(rim, 92))
    alpha = np.clip((alpha - haze) / (1 - haze), 0, 1) ** 1.3
    x, y = np.linspace(-1, 1, w)[None, :], np.linspace(-1, 1, h)[:, None]
    window = np.clip((1 - np.abs(x)) / 0.22, 0, 1) * np.clip((1 - np.abs(y)) / 0.14, 0, 1)
    alpha *= (window * window * (3 - 2 * window)) * density
    mask = (
        Image.fromarray((alpha * 255).astype(np.uint8))
        .resize(piece.size, Image.Resampling.BICUBIC)
        .filter(ImageFilter.GaussianBlur(piece.width / 260))
    )
    ground = Image.new("RGBA", piece.size, (*SHADOW, 0))
    ground.putalpha(mask)
    ground.alpha_composite(piece)
    _save(ground, out, QUALITY)


def crop(source: Path, out: Path, box: tuple[float, float, float, float], size: tuple[int, int]) -> None:
    """Cut a part (shares of width and height) out of a picture."""
    image = Image.open(source).convert("RGB")
    w, h = image.size
    x0, y0, x1, y1 = box
    _save(
        image.crop((round(x0 * w), round(y0 * h), round(x1 * w), round(y1 * h))).resize(size, Image.Resampling.LANCZOS),
        out,
        QUALITY,
    )


def _save(image: Image.Image, out: Path, quality: int) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    image.save(out, "WEBP", quality=quality, method=5, alpha_quality=90)
